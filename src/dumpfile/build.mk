# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads dumps.

libunexec_tool_a_SOURCES += \
	%D%/dump_memory.c \
	%D%/dump_memory.h \
	%D%/dump_text.c \
	%D%/dump_text.h \
	%D%/sums.c \
	%D%/sums.h \
	%D%/verify.c \
	%D%/verify.h
