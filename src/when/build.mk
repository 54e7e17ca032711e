# SPDX-License-Identifier: GPL-3.0-or-later
#
# The moment at which a program that is run is dumped.

libunexec_tool_a_SOURCES += \
	%D%/when.c \
	%D%/when.h \
	%D%/when_call.c \
	%D%/when_parse.c \
	%D%/when_stdin.c
