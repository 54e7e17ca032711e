# SPDX-License-Identifier: GPL-3.0-or-later
#
# The ground floor: memory, diagnostics, words, names.

libunexec_tool_a_SOURCES += \
	%D%/bytes.h \
	%D%/clock.h \
	%D%/io.c \
	%D%/io.h \
	%D%/names.h \
	%D%/path.h \
	%D%/range.h \
	%D%/report.c \
	%D%/report.h \
	%D%/signal_names.c \
	%D%/syscall_names.c \
	%D%/task.c \
	%D%/task.h \
	%D%/words.c \
	%D%/words.h \
	%D%/xalloc.c \
	%D%/xalloc.h
