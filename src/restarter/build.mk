# SPDX-License-Identifier: MIT
#
# The restarter. Objects are *.ro so that no rule of automake's can build one.

restarter_objects += \
	%D%/block.ro \
	%D%/cpu.ro \
	%D%/descriptors/connections.ro \
	%D%/descriptors/descriptors.ro \
	%D%/descriptors/events.ro \
	%D%/descriptors/locks.ro \
	%D%/descriptors/objects.ro \
	%D%/descriptors/paths.ro \
	%D%/descriptors/pipes.ro \
	%D%/descriptors/rings.ro \
	%D%/descriptors/rings_map.ro \
	%D%/descriptors/sockets.ro \
	%D%/descriptors/status.ro \
	%D%/descriptors/step.ro \
	%D%/descriptors/terminal.ro \
	%D%/descriptors/watches.ro \
	%D%/environment.ro \
	%D%/identity.ro \
	%D%/memory.ro \
	%D%/message.ro \
	%D%/process.ro \
	%D%/protection.ro \
	%D%/rights.ro \
	%D%/restarter.ro \
	%D%/settings.ro \
	%D%/signals.ro \
	%D%/string.ro \
	%D%/threads.ro \
	%D%/timers.ro \
	%D%/values.ro \
	%D%/vdso.ro
EXTRA_DIST += \
	%D%/base.h \
	%D%/block.c \
	%D%/block.h \
	%D%/cpu.c \
	%D%/descriptors/connections.c \
	%D%/descriptors/descriptors.c \
	%D%/descriptors/descriptors.h \
	%D%/descriptors/events.c \
	%D%/descriptors/locks.c \
	%D%/descriptors/objects.c \
	%D%/descriptors/paths.c \
	%D%/descriptors/pipes.c \
	%D%/descriptors/rings.c \
	%D%/descriptors/rings_map.c \
	%D%/descriptors/sockets.c \
	%D%/descriptors/status.c \
	%D%/descriptors/step.c \
	%D%/descriptors/terminal.c \
	%D%/descriptors/watches.c \
	%D%/environment.c \
	%D%/identity.c \
	%D%/memory.c \
	%D%/message.c \
	%D%/process.c \
	%D%/protection.c \
	%D%/rights.c \
	%D%/restarter.c \
	%D%/restarter.h \
	%D%/restarter.ld \
	%D%/settings.c \
	%D%/signals.c \
	%D%/string.c \
	%D%/threads.c \
	%D%/timers.c \
	%D%/values.c \
	%D%/vdso.c
