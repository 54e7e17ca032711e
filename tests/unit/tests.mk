# SPDX-License-Identifier: GPL-3.0-or-later
#
# Unit tests: Check suites over libunexec_tool.a; no process, no privileges.

unit_tests = \
	%D%/vdso_proxy_test \
	%D%/calls_test \
	%D%/canary_test \
	%D%/code_test \
	%D%/core_notes_test \
	%D%/cpu_test \
	%D%/writer_test \
	%D%/frame_test \
	%D%/image_test \
	%D%/layout_test \
	%D%/libc_threads_test \
	%D%/locks_test \
	%D%/progress_test \
	%D%/protection_test \
	%D%/report_test \
	%D%/restarter_test \
	%D%/smaps_test \
	%D%/when_test

unit_cflags = $(tool_cflags) $(CHECK_CFLAGS)
unit_ldadd = $(tool_ldadd) $(CHECK_LIBS)

%C%_calls_test_SOURCES = %D%/calls_test.c %D%/unit.h
%C%_calls_test_CFLAGS = $(unit_cflags)
%C%_calls_test_LDADD = $(unit_ldadd)

%C%_canary_test_SOURCES = %D%/canary_test.c %D%/unit.h
%C%_canary_test_CFLAGS = $(unit_cflags)
%C%_canary_test_LDADD = $(unit_ldadd)

%C%_code_test_SOURCES = %D%/code_test.c %D%/unit.h
%C%_code_test_CFLAGS = $(unit_cflags)
%C%_code_test_LDADD = $(unit_ldadd)

%C%_core_notes_test_SOURCES = %D%/core_notes_test.c %D%/unit.h
%C%_core_notes_test_CFLAGS = $(unit_cflags)
%C%_core_notes_test_LDADD = $(unit_ldadd)

%C%_writer_test_SOURCES = %D%/writer_test.c %D%/unit.h
%C%_writer_test_CFLAGS = $(unit_cflags)
%C%_writer_test_LDADD = $(unit_ldadd)

%C%_image_test_SOURCES = %D%/image_test.c %D%/unit.h
%C%_image_test_CFLAGS = $(unit_cflags)
%C%_image_test_LDADD = $(unit_ldadd)

%C%_layout_test_SOURCES = %D%/layout_test.c %D%/unit.h
%C%_layout_test_CFLAGS = $(unit_cflags)
%C%_layout_test_LDADD = $(unit_ldadd)

%C%_libc_threads_test_SOURCES = %D%/libc_threads_test.c %D%/unit.h
%C%_libc_threads_test_CFLAGS = $(unit_cflags)
%C%_libc_threads_test_LDADD = $(unit_ldadd)

%C%_locks_test_SOURCES = %D%/locks_test.c %D%/unit.h
%C%_locks_test_CFLAGS = $(unit_cflags)
%C%_locks_test_LDADD = $(unit_ldadd)

%C%_protection_test_SOURCES = %D%/protection_test.c %D%/unit.h
%C%_protection_test_CFLAGS = $(unit_cflags)
%C%_protection_test_LDADD = $(unit_ldadd)
%C%_progress_test_SOURCES = %D%/progress_test.c %D%/unit.h src/cli/progress.c
%C%_progress_test_CFLAGS = $(unit_cflags)
%C%_progress_test_LDADD = $(unit_ldadd)

%C%_report_test_SOURCES = %D%/report_test.c %D%/unit.h
%C%_report_test_CFLAGS = $(unit_cflags)
%C%_report_test_LDADD = $(unit_ldadd)

%C%_smaps_test_SOURCES = %D%/smaps_test.c %D%/unit.h
%C%_smaps_test_CFLAGS = $(unit_cflags)
%C%_smaps_test_LDADD = $(unit_ldadd)

%C%_when_test_SOURCES = %D%/when_test.c %D%/unit.h
%C%_when_test_CFLAGS = $(unit_cflags)
%C%_when_test_LDADD = $(unit_ldadd)

# ---- The restarter, hosted ------------------------------------------------------------------

# The test answers its system calls. Its memcpy and the like must not replace libc's.
restarter_hosted_cppflags = $(AM_CPPFLAGS) -include $(top_srcdir)/tests/unit/recorder.h

check_LIBRARIES = %D%/librestarter.a
%C%_librestarter_a_SOURCES = \
	src/restarter/block.c \
	src/restarter/cpu.c \
	src/restarter/descriptors/connections.c \
	src/restarter/descriptors/descriptors.c \
	src/restarter/descriptors/events.c \
	src/restarter/descriptors/locks.c \
	src/restarter/descriptors/objects.c \
	src/restarter/descriptors/paths.c \
	src/restarter/descriptors/pipes.c \
	src/restarter/descriptors/rings.c \
	src/restarter/descriptors/rings_map.c \
	src/restarter/descriptors/sockets.c \
	src/restarter/descriptors/status.c \
	src/restarter/descriptors/step.c \
	src/restarter/descriptors/terminal.c \
	src/restarter/descriptors/watches.c \
	src/restarter/environment.c \
	src/restarter/memory.c \
	src/restarter/message.c \
	src/restarter/process.c \
	src/restarter/protection.c \
	src/restarter/rights.c \
	src/restarter/settings.c \
	src/restarter/signals.c \
	src/restarter/string.c \
	src/restarter/threads.c \
	src/restarter/timers.c \
	src/restarter/values.c \
	src/restarter/vdso.c \
	%D%/recorder.h
EXTRA_%C%_librestarter_a_SOURCES = src/arch/x86_64/cpu_fits.c src/arch/x86_64/fit_frames.c
%C%_librestarter_a_LIBADD = $(arch)/%C%_librestarter_a-cpu_fits.$(OBJEXT) \
	$(arch)/%C%_librestarter_a-fit_frames.$(OBJEXT)
%C%_librestarter_a_CPPFLAGS = $(restarter_hosted_cppflags) \
	-Dmemcpy=restarter_memcpy -Dmemset=restarter_memset -Dmemcmp=restarter_memcmp
%C%_librestarter_a_CFLAGS = $(AM_CFLAGS) $(SANITIZER_CFLAGS) -ffreestanding

%C%_restarter_test_SOURCES = %D%/restarter_test.c %D%/recorder.h %D%/unit.h
%C%_restarter_test_CPPFLAGS = $(restarter_hosted_cppflags)
%C%_restarter_test_CFLAGS = $(unit_cflags)
%C%_restarter_test_LDADD = %D%/librestarter.a $(CHECK_LIBS)

%C%_cpu_test_SOURCES = %D%/cpu_test.c %D%/recorder.h %D%/unit.h
%C%_cpu_test_CPPFLAGS = $(restarter_hosted_cppflags)
%C%_cpu_test_CFLAGS = $(unit_cflags)
%C%_cpu_test_LDADD = %D%/librestarter.a $(unit_ldadd)

%C%_frame_test_SOURCES = %D%/frame_test.c %D%/recorder.h %D%/unit.h
%C%_frame_test_CPPFLAGS = $(restarter_hosted_cppflags)
%C%_frame_test_CFLAGS = $(unit_cflags)
%C%_frame_test_LDADD = %D%/librestarter.a $(unit_ldadd)

%C%_vdso_proxy_test_SOURCES = %D%/vdso_proxy_test.c %D%/recorder.h %D%/unit.h
%C%_vdso_proxy_test_CPPFLAGS = $(restarter_hosted_cppflags)
%C%_vdso_proxy_test_CFLAGS = $(unit_cflags)
%C%_vdso_proxy_test_LDADD = %D%/librestarter.a $(unit_ldadd)

if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
QUICK_TESTS += $(unit_tests)
endif
