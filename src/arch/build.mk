# SPDX-License-Identifier: MIT
#
# What a machine is like. $(arch) is the folder of the one that is built for; a new one adds its
# files to EXTRA_DIST and the sources below.

EXTRA_DIST += \
	%D%/x86_64/arch_calls.h \
	%D%/x86_64/arch_cpu.h \
	%D%/x86_64/arch_cpuid.h \
	%D%/x86_64/arch_frame.h \
	%D%/x86_64/arch_layout.h \
	%D%/x86_64/arch_lib.h \
	%D%/x86_64/arch_main.h \
	%D%/x86_64/arch_ptrace.h \
	%D%/x86_64/arch_redirect.h \
	%D%/x86_64/arch_restarter.h \
	%D%/x86_64/arch_syscall.h \
	%D%/x86_64/arch_tool.h \
	%D%/x86_64/cpu.c \
	%D%/x86_64/redirect.S \
	%D%/x86_64/registers.c \
	%D%/x86_64/restarter.S

restarter_objects += \
	$(arch)/cpu.ro \
	$(arch)/registers.ro \
	$(arch)/restarter.ro
redirect_objects += \
	$(arch)/redirect.ro

EXTRA_libunexec_la_SOURCES = %D%/x86_64/lib.S
EXTRA_libunexec_tool_a_SOURCES = \
	%D%/x86_64/call_number.c \
	%D%/x86_64/calls.c \
	%D%/x86_64/frame.c \
	%D%/x86_64/held.c \
	%D%/x86_64/trampoline.S \
	%D%/x86_64/levels.c \
	%D%/x86_64/thread_code.c \
	%D%/x86_64/tid_code.c \
	%D%/x86_64/tool.c
libunexec_tool_a_LIBADD += \
	$(arch)/libunexec_tool_a-call_number.$(OBJEXT) \
	$(arch)/libunexec_tool_a-calls.$(OBJEXT) \
	$(arch)/libunexec_tool_a-frame.$(OBJEXT) \
	$(arch)/libunexec_tool_a-held.$(OBJEXT) \
	$(arch)/libunexec_tool_a-trampoline.$(OBJEXT) \
	$(arch)/libunexec_tool_a-levels.$(OBJEXT) \
	$(arch)/libunexec_tool_a-thread_code.$(OBJEXT) \
	$(arch)/libunexec_tool_a-tid_code.$(OBJEXT) \
	$(arch)/libunexec_tool_a-tool.$(OBJEXT)
