# SPDX-License-Identifier: GPL-3.0-or-later
#
# From addresses of the process to segments of the file.

libunexec_tool_a_SOURCES += \
	%D%/cut.c \
	%D%/cut.h \
	%D%/layout.c \
	%D%/layout.h \
	%D%/layout_print.c \
	%D%/low.c \
	%D%/low.h
