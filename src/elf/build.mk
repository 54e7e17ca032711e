# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads ELF: files as they are mapped, symbols, unwind information, instructions.

libunexec_tool_a_SOURCES += \
	%D%/file.c \
	%D%/file.h \
	%D%/flags.h \
	%D%/instructions.c \
	%D%/instructions.h \
	%D%/lookup.c \
	%D%/lookup.h \
	%D%/notes.c \
	%D%/notes.h \
	%D%/symbols.c \
	%D%/symbols.h \
	%D%/unwind.c \
	%D%/unwind.h
