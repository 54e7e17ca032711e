# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes dumps.

libunexec_tool_a_SOURCES += \
	%D%/headers.c \
	%D%/headers.h \
	%D%/plan_writer.c \
	%D%/plan_writer.h \
	%D%/populate.c \
	%D%/populate.h \
	%D%/program_headers.c \
	%D%/program_headers.h \
	%D%/restarter_segment.c \
	%D%/restarter_segment.h \
	%D%/sections.c \
	%D%/sections.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/symtab.c \
	%D%/symtab.h \
	%D%/writer.c \
	%D%/writer.h
