# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that have never heard of us: held by ptrace, and started by `unexec run`.

run_tests = \
	%D%/again.sh \
	%D%/cpu.sh \
	%D%/ends.sh \
	%D%/input.sh \
	%D%/interpreters.sh \
	%D%/moments.sh \
	%D%/sanitizers.sh \
	%D%/terminal.sh

TESTS += $(run_tests) %D%/hold
EXTRA_DIST += $(run_tests) %D%/sanitized.c %D%/terminal.py
check_PROGRAMS += %D%/hold %D%/moments

%C%_hold_SOURCES = %D%/hold.c %D%/hold.h %D%/hold_calls.c %D%/hold_refusals.c %D%/hold_states.c
%C%_hold_CFLAGS = $(tool_cflags) -pthread
%C%_hold_LDADD = $(tool_ldadd)

# Of its own accord it knows nothing of us.
%C%_moments_SOURCES = %D%/moments.c
%C%_moments_CFLAGS = $(AM_CFLAGS) -pthread
%C%_moments_LDADD = $(libc_ldadd)
%C%_moments_LDFLAGS = -no-install
