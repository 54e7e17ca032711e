# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sources of captures: a frozen copy, a process held by ptrace, a core.

libunexec_tool_a_SOURCES += \
	%D%/core/core.c \
	%D%/core/core.h \
	%D%/core/core_files.c \
	%D%/core/core_headers.c \
	%D%/core/core_memory.c \
	%D%/core/core_notes.c \
	%D%/core/core_process.c \
	%D%/core/core_random.c \
	%D%/core/core_threads.c \
	%D%/core/core_unpack.c \
	%D%/frozen.c \
	%D%/frozen.h \
	%D%/pid.c \
	%D%/pid.h \
	%D%/pid_resident.c \
	%D%/pid_resident.h \
	%D%/process_capture.c \
	%D%/process_capture.h
