# SPDX-License-Identifier: GPL-3.0-or-later
#
# A capture: an image and a way to read the memory that it describes.

libunexec_tool_a_SOURCES += \
	%D%/auxv.c \
	%D%/auxv.h \
	%D%/capture.c \
	%D%/capture.h \
	%D%/stack.c \
	%D%/word_reader.h
