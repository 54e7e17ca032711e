# SPDX-License-Identifier: GPL-3.0-or-later
#
# Knowledge of the libc in a process.

libunexec_tool_a_SOURCES += \
	%D%/environment.c \
	%D%/generators.c \
	%D%/glibc.c \
	%D%/glibc.h \
	%D%/glibc_exit_list.c \
	%D%/glibc_locks.c \
	%D%/glibc_rseq.c \
	%D%/canary.c \
	%D%/canary.h \
	%D%/held_words.c \
	%D%/held_words.h \
	%D%/libc.c \
	%D%/libc.h \
	%D%/lock_code.c \
	%D%/locks.c \
	%D%/locks.h \
	%D%/musl.c \
	%D%/rseq.c \
	%D%/runtimes.c \
	%D%/runtimes.h \
	%D%/scan.c \
	%D%/startup_values.c \
	%D%/threads.c \
	%D%/tid_code.c \
	%D%/tid_code.h
