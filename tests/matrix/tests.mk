# SPDX-License-Identifier: GPL-3.0-or-later
#
# In other places: what is there on every machine is one of the tests; other machines are
# scripts that are run by hand, and take long.

TESTS += %D%/surroundings.sh
EXTRA_DIST += %D%/cpu.sh %D%/in.sh %D%/program.lua %D%/surroundings.sh
check_PROGRAMS += %D%/subject
EXTRA_PROGRAMS += %D%/init
CLEANFILES += %D%/init

%C%_init_SOURCES = %D%/init.c
%C%_init_LDFLAGS = -all-static
%C%_subject_SOURCES = %D%/subject.c
%C%_subject_CFLAGS = $(AM_CFLAGS) -pthread
%C%_subject_LDADD = libunexec.la
%C%_subject_LDFLAGS = -no-install -pthread
