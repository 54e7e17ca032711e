# SPDX-License-Identifier: MIT
#
# The library that users link.

libunexec_la_SOURCES = \
	%D%/arguments.c \
	%D%/copy.c \
	%D%/dontfork.c \
	%D%/dump.c \
	%D%/exclude.c \
	%D%/seccomp_filters.c \
	%D%/hooks.c \
	%D%/inherited.c \
	%D%/park.c \
	%D%/park.h \
	%D%/policy.c \
	%D%/queued.c \
	%D%/random.c \
	%D%/report.c \
	%D%/resume.c \
	%D%/shared_memory.c \
	%D%/state.h \
	%D%/timers.c \
	%D%/vdso.c \
	%D%/version.c

EXTRA_DIST += %D%/libunexec.map
