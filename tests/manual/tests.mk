# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the manual shows is run.

manual_tests = %D%/examples.sh

TESTS += $(manual_tests)
EXTRA_DIST += $(manual_tests)

check_PROGRAMS += %D%/job
tests_manual_job_SOURCES = %D%/job.c
