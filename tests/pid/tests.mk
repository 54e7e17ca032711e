# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes that are dumped from outside.

pid_tests = \
	%D%/both.sh \
	%D%/job.sh \
	%D%/roundtrip.sh \
	%D%/rseq.sh

check_PROGRAMS += %D%/both %D%/job
%C%_both_SOURCES = %D%/both.c
%C%_both_LDADD = libunexec.la $(libc_ldadd)
%C%_both_LDFLAGS = -no-install
%C%_job_SOURCES = %D%/job.c
%C%_job_LDADD = $(libc_ldadd)

TESTS += $(pid_tests)
EXTRA_DIST += $(pid_tests)
