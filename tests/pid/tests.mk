# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes that are dumped from outside.

pid_tests = \
	%D%/job.sh \
	%D%/roundtrip.sh

check_PROGRAMS += %D%/job
%C%_job_SOURCES = %D%/job.c

TESTS += $(pid_tests)
EXTRA_DIST += $(pid_tests)
