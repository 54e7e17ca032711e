# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads a process by its directory in /proc.

libunexec_tool_a_SOURCES += \
	%D%/breakpoints.c \
	%D%/kernel_state.c \
	%D%/numa.c \
	%D%/objects.c \
	%D%/objects.h \
	%D%/origins.c \
	%D%/pagemap.c \
	%D%/prefault.c \
	%D%/prefault.h \
	%D%/process.c \
	%D%/process.h \
	%D%/regions.c \
	%D%/shadows.c \
	%D%/smaps.c \
	%D%/smaps.h \
	%D%/timers.c
