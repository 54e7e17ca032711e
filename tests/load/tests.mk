# SPDX-License-Identifier: GPL-3.0-or-later
#
# Much at once, much of it, often: minutes, with UNEXEC_TEST_LONG=1 alone.

load_tests = \
	%D%/at_once.sh \
	%D%/cycles.sh \
	%D%/large.sh

TESTS += $(load_tests)
EXTRA_DIST += $(load_tests)

check_PROGRAMS += %D%/cycles %D%/subject
%C%_cycles_SOURCES = %D%/cycles.c
%C%_cycles_CFLAGS = $(AM_CFLAGS) -pthread
%C%_cycles_LDADD = libunexec.la
%C%_cycles_LDFLAGS = -no-install -pthread
%C%_subject_SOURCES = %D%/subject.c
%C%_subject_LDADD = libunexec.la
%C%_subject_LDFLAGS = -no-install
