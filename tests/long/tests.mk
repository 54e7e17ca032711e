# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests that take minutes. They are skipped without UNEXEC_TEST_LONG=1.

long_tests = \
	%D%/at_once.sh \
	%D%/cycles.sh \
	%D%/large.sh

TESTS += $(long_tests)
EXTRA_DIST += $(long_tests)

check_PROGRAMS += %D%/cycles %D%/subject
%C%_cycles_CFLAGS = $(AM_CFLAGS) -pthread
%C%_cycles_LDADD = libunexec.la $(libc_ldadd)
%C%_subject_LDADD = libunexec.la
