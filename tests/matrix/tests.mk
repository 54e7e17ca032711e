# SPDX-License-Identifier: GPL-3.0-or-later
#
# On other machines: scripts that are run by hand, and take long.

EXTRA_DIST += %D%/cpu.sh
EXTRA_PROGRAMS += %D%/init
CLEANFILES += %D%/init

%C%_init_SOURCES = %D%/init.c
%C%_init_LDFLAGS = -all-static
