# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps in other places. The tests use surroundings that every machine has. The scripts for other
# machines are run by hand and take long.

TESTS += %D%/alone.sh %D%/surroundings.sh
EXTRA_DIST += %D%/alone.sh %D%/boot.sh %D%/cpu.sh %D%/in.sh %D%/kernels.sh \
	%D%/program.lua %D%/registers.sh %D%/release.sh %D%/settings.sh %D%/surroundings.sh %D%/systems.sh
check_PROGRAMS += %D%/program %D%/subject
EXTRA_PROGRAMS += %D%/init %D%/registers
CLEANFILES += %D%/init %D%/registers

%C%_init_LDADD =
%C%_init_LDFLAGS = -all-static
%C%_program_CFLAGS = $(AM_CFLAGS)
%C%_program_LDADD = libunexec.la $(libc_ldadd)
%C%_registers_CFLAGS = $(AM_CFLAGS) -pthread
%C%_registers_LDADD = libunexec.la $(libc_ldadd)
%C%_subject_CFLAGS = $(AM_CFLAGS) -pthread
%C%_subject_LDADD = libunexec.la $(libc_ldadd)
