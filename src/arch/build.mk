# SPDX-License-Identifier: MIT
#
# Machines, one folder each: README has what a folder must provide. $(arch) is the folder of the
# machine that is built for; a new one adds its files to EXTRA_DIST and the sources below.

EXTRA_DIST += \
	%D%/README \
	%D%/x86_64/arch_address_space.h \
	%D%/x86_64/arch_calls.h \
	%D%/x86_64/arch_census.h \
	%D%/x86_64/arch_code.h \
	%D%/x86_64/arch_context.h \
	%D%/x86_64/arch_cpu.h \
	%D%/x86_64/arch_entry.h \
	%D%/x86_64/arch_frame.h \
	%D%/x86_64/arch_machine.h \
	%D%/x86_64/arch_memory.h \
	%D%/x86_64/arch_registers.h \
	%D%/x86_64/arch_start.h \
	%D%/x86_64/arch_syscall.h \
	%D%/x86_64/arch_thread.h \
	%D%/x86_64/arch_tls.h \
	%D%/x86_64/arch_vdso.h \
	%D%/x86_64/arch_vectors.h \
	%D%/x86_64/cpu_ask.h \
	%D%/x86_64/cpu_fits.c \
	%D%/x86_64/cpu_words.h \
	%D%/x86_64/fit_frames.c \
	%D%/x86_64/frame_layout.h \
	%D%/x86_64/offsets.h \
	%D%/x86_64/restarter_thread.S

restarter_objects += \
	$(arch)/cpu_fits.ro \
	$(arch)/fit_frames.ro \
	$(arch)/restarter_thread.ro

EXTRA_libunexec_la_SOURCES = %D%/x86_64/lib.S
EXTRA_libunexec_tool_a_SOURCES = \
	%D%/x86_64/calls.c \
	%D%/x86_64/compared.c \
	%D%/x86_64/cpu_levels.c \
	%D%/x86_64/frame.c \
	%D%/x86_64/frame_registers.c \
	%D%/x86_64/held.c \
	%D%/x86_64/interrupted_call.c \
	%D%/x86_64/thread_code.c \
	%D%/x86_64/tid_code.c \
	%D%/x86_64/trampoline.S \
	%D%/x86_64/vdso.c \
	%D%/x86_64/vectors.c
libunexec_tool_a_LIBADD += \
	$(arch)/libunexec_tool_a-calls.$(OBJEXT) \
	$(arch)/libunexec_tool_a-compared.$(OBJEXT) \
	$(arch)/libunexec_tool_a-cpu_levels.$(OBJEXT) \
	$(arch)/libunexec_tool_a-frame.$(OBJEXT) \
	$(arch)/libunexec_tool_a-frame_registers.$(OBJEXT) \
	$(arch)/libunexec_tool_a-held.$(OBJEXT) \
	$(arch)/libunexec_tool_a-interrupted_call.$(OBJEXT) \
	$(arch)/libunexec_tool_a-thread_code.$(OBJEXT) \
	$(arch)/libunexec_tool_a-tid_code.$(OBJEXT) \
	$(arch)/libunexec_tool_a-trampoline.$(OBJEXT) \
	$(arch)/libunexec_tool_a-vdso.$(OBJEXT) \
	$(arch)/libunexec_tool_a-vectors.$(OBJEXT)
