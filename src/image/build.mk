# SPDX-License-Identifier: GPL-3.0-or-later
#
# The model of a process.

libunexec_tool_a_SOURCES += \
	%D%/image.c \
	%D%/image.h \
	%D%/image_parse.c \
	%D%/image_text.c \
	%D%/image_text_files.c \
	%D%/free_room.c \
	%D%/free_room.h \
	%D%/path_map.c \
	%D%/path_map.h \
	%D%/runs.c \
	%D%/runs.h \
	%D%/text.h
