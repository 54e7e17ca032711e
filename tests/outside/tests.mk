# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes that are dumped from outside: by PID, and under `unexec run`.

outside_tests = \
	%D%/again.sh \
	%D%/argv0.sh \
	%D%/both.sh \
	%D%/children.sh \
	%D%/cpu.sh \
	%D%/directory.sh \
	%D%/ends.sh \
	%D%/environment.sh \
	%D%/files.sh \
	%D%/fifo.sh \
	%D%/hangup.sh \
	%D%/inherited.sh \
	%D%/input.sh \
	%D%/interpreters.sh \
	%D%/job.sh \
	%D%/map_path.sh \
	%D%/moments.sh \
	%D%/musl.sh \
	%D%/other_root.sh \
	%D%/roundtrip.sh \
	%D%/rseq.sh \
	%D%/sanitizers.sh \
	%D%/standard_input.sh \
	%D%/terminal.sh

TESTS += $(outside_tests) %D%/hold
EXTRA_DIST += $(outside_tests) %D%/hangup.py %D%/musl_locks.c %D%/sanitized.c %D%/terminal.py
check_PROGRAMS += %D%/both %D%/environment %D%/hold %D%/job %D%/moments %D%/slow

# Not linked with libunexec.
%C%_environment_LDADD = $(libc_ldadd)
%C%_job_LDADD = $(libc_ldadd)
%C%_slow_LDADD = $(libc_ldadd)
%C%_moments_CFLAGS = $(AM_CFLAGS) -pthread
%C%_moments_LDADD = $(libc_ldadd)

%C%_both_LDADD = libunexec.la $(libc_ldadd)
%C%_hold_SOURCES = %D%/hold.c %D%/hold.h %D%/hold_calls.c %D%/hold_refusals.c %D%/hold_states.c
%C%_hold_CFLAGS = $(tool_cflags) -pthread
%C%_hold_LDADD = $(tool_ldadd)
