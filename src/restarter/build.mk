# SPDX-License-Identifier: MIT
#
# The restarter. Objects are *.ro so that no rule of automake's can build one.

restarter_objects += \
	%D%/block.ro \
	%D%/cpu.ro \
	%D%/files.ro \
	%D%/kernel.ro \
	%D%/memory.ro \
	%D%/message.ro \
	%D%/restarter.ro \
	%D%/rings.ro \
	%D%/string.ro \
	%D%/threads.ro \
	%D%/timers.ro \
	%D%/values.ro \
	%D%/vdso.ro
EXTRA_DIST += \
	%D%/block.c \
	%D%/cpu.c \
	%D%/files.c \
	%D%/kernel.c \
	%D%/memory.c \
	%D%/message.c \
	%D%/restarter.c \
	%D%/restarter.h \
	%D%/restarter.ld \
	%D%/rings.c \
	%D%/string.c \
	%D%/threads.c \
	%D%/timers.c \
	%D%/values.c \
	%D%/vdso.c
