# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that have never heard of us: held by ptrace, and started by `unexec run`.

TESTS += %D%/hold
check_PROGRAMS += %D%/hold

%C%_hold_SOURCES = %D%/hold.c %D%/hold.h %D%/hold_calls.c %D%/hold_refusals.c %D%/hold_states.c
%C%_hold_CFLAGS = $(tool_cflags) -pthread
%C%_hold_LDADD = $(tool_ldadd)
