# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is known of the libc in a process.

libunexec_tool_a_SOURCES += \
	%D%/exit_list.c \
	%D%/generators.c \
	%D%/generators.h \
	%D%/guards.c \
	%D%/guards.h \
	%D%/held.c \
	%D%/held.h \
	%D%/libc.h \
	%D%/lock_code.c \
	%D%/locks.c \
	%D%/locks.h \
	%D%/rseq.c \
	%D%/scan.c \
	%D%/startup_values.c \
	%D%/tid_code.c \
	%D%/tid_code.h \
	%D%/threads.c
