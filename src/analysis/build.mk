# SPDX-License-Identifier: GPL-3.0-or-later
#
# The steps that each capture goes through before it is laid out.

libunexec_tool_a_SOURCES += \
	%D%/analysis.c \
	%D%/analysis.h \
	%D%/identity.c \
	%D%/memory.c \
	%D%/redirect.c \
	%D%/redirect_sites.c \
	%D%/redirect_sites.h \
	%D%/registers.c \
	%D%/scrub.c \
	%D%/trampoline.c \
	%D%/trampoline.h \
	%D%/vdso_proxy.c
