# SPDX-License-Identifier: GPL-3.0-or-later
#
# Holds a process by ptrace and makes it call.

libunexec_tool_a_SOURCES += \
	%D%/tracee.h \
	%D%/tracee_attach.c \
	%D%/tracee_call.c \
	%D%/tracee_check.c \
	%D%/tracee_end.c \
	%D%/tracee_memory.c \
	%D%/tracee_parts.h \
	%D%/tracee_registers.c \
	%D%/tracee_rescue.c \
	%D%/tracee_rest.c \
	%D%/tracee_scm_rights.c \
	%D%/tracee_seize.c \
	%D%/tracee_step.c \
	%D%/tracee_wait.c
