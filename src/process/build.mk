# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads a process by its directory in /proc.

libunexec_tool_a_SOURCES += \
	%D%/apart.c \
	%D%/breakpoints.c \
	%D%/children.c \
	%D%/children.h \
	%D%/children_list.c \
	%D%/children_list.h \
	%D%/file_holes.c \
	%D%/file_holes.h \
	%D%/inherited.c \
	%D%/inherited.h \
	%D%/directory.c \
	%D%/kernel_state.c \
	%D%/kernel_state.h \
	%D%/numa.c \
	%D%/objects.c \
	%D%/objects.h \
	%D%/objects_copy.c \
	%D%/objects_place.c \
	%D%/origins.c \
	%D%/pagemap.c \
	%D%/pagemap.h \
	%D%/prefault.c \
	%D%/prefault.h \
	%D%/proc_files.c \
	%D%/proc_files.h \
	%D%/process.c \
	%D%/protection.c \
	%D%/process.h \
	%D%/queued.c \
	%D%/regions.c \
	%D%/regions.h \
	%D%/rights.c \
	%D%/settings.c \
	%D%/shadows.c \
	%D%/shadows.h \
	%D%/smaps.c \
	%D%/smaps.h \
	%D%/sysv.c \
	%D%/timers.c
