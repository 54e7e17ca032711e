# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes dumps.

libunexec_tool_a_SOURCES += \
	%D%/elf_writer.c \
	%D%/elf_writer.h \
	%D%/plan_writer.c \
	%D%/plan_writer.h \
	%D%/sections.c \
	%D%/sections.h \
	%D%/stream.c \
	%D%/stream.h
