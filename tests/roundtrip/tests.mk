# SPDX-License-Identifier: GPL-3.0-or-later
#
# Roundtrip tests: each program dumps itself with the library, and checks one property in the
# start. A test that needs nothing special is a line in the list: its source is NAME.c, and
# LDADD and AM_LDFLAGS in Makefile.am are its libraries and flags.

# ---- Shared parts ---------------------------------------------------------------------------

EXTRA_DIST += tests/lib/close_from.h %D%/mutexes.h %D%/threads.h
check_LTLIBRARIES += \
	tests/lib/libroundtrip.la \
	tests/lib/libtest_library.la \
	tests/lib/module_one.la \
	tests/lib/module_two.la
check_PROGRAMS += tests/lib/clean_exec tests/lib/seccomp_exec

tests_lib_libroundtrip_la_SOURCES = \
	tests/lib/refuse.c \
	tests/lib/refuse.h \
	tests/lib/ring.h \
	tests/lib/roundtrip.c \
	tests/lib/roundtrip.h \
	tests/lib/spoil_vdso.c \
	tests/lib/spoil_vdso.h
tests_lib_libroundtrip_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD_DIRECTORY=\"$(abs_top_builddir)\"

# An -rpath makes libtool build a shared library although it is not installed.
tests_lib_libtest_library_la_SOURCES = tests/lib/test_library.c tests/lib/test_library.h
tests_lib_libtest_library_la_LDFLAGS = -shared -rpath $(abs_top_builddir)/tests/lib/.libs
tests_lib_module_one_la_SOURCES = tests/lib/module.c
tests_lib_module_one_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_lib_module_two_la_SOURCES = tests/lib/module.c
tests_lib_module_two_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

tests_lib_clean_exec_LDADD =
tests_lib_seccomp_exec_LDADD =

# ---- The tests ------------------------------------------------------------------------------

roundtrip_tests = \
	%D%/addresses \
	%D%/advice \
	%D%/arguments \
	%D%/argv0 \
	%D%/atexit \
	%D%/auxv \
	%D%/clocks \
	%D%/closed \
	%D%/copies \
	%D%/coroutine \
	%D%/cpu \
	%D%/deepest \
	%D%/directory \
	%D%/discard \
	%D%/dlopen \
	%D%/emacs \
	%D%/entry_function \
	%D%/entry_main \
	%D%/environment \
	%D%/exclude \
	%D%/fd_changed \
	%D%/fd_deleted \
	%D%/fd_deleted_directory \
	%D%/fd_connected \
	%D%/fd_connections \
	%D%/fd_empty_messages \
	%D%/fd_epoll \
	%D%/fd_fifo \
	%D%/fd_hangup \
	%D%/fd_inotify \
	%D%/fd_in_flight \
	%D%/fd_inherited \
	%D%/fd_kernel \
	%D%/fd_listening \
	%D%/fd_locks \
	%D%/fd_many \
	%D%/fd_memfd \
	%D%/fd_multicast \
	%D%/fd_out_of_band \
	%D%/fd_owner \
	%D%/fd_paths \
	%D%/fd_pipe \
	%D%/fd_policy \
	%D%/fd_renamed \
	%D%/fd_raw_sockets \
	%D%/fd_pty \
	%D%/fd_same \
	%D%/fd_shutdown \
	%D%/fd_socket_options \
	%D%/fd_socket_values \
	%D%/fd_socketpair \
	%D%/fd_standard_input \
	%D%/fd_terminal \
	%D%/fd_timerfd \
	%D%/fd_unix_path \
	%D%/file_mappings \
	%D%/files \
	%D%/form_dlopen \
	%D%/form_not_pie \
	%D%/form_pie \
	%D%/form_static_library \
	%D%/fpu \
	%D%/generations \
	%D%/globals \
	%D%/guards \
	%D%/hooks \
	%D%/io_setup \
	%D%/io_uring \
	%D%/keyrings \
	%D%/lazy \
	%D%/locale \
	%D%/malloc \
	%D%/malloc_without_brk \
	%D%/many_mappings \
	%D%/memory_auto \
	%D%/memory_copy \
	%D%/memory_flags \
	%D%/memory_guards \
	%D%/memory_none \
	%D%/memory_policy \
	%D%/memory_sparse_file \
	%D%/moment \
	%D%/mutex \
	%D%/names \
	%D%/original \
	%D%/process \
	%D%/processes \
	%D%/protections \
	%D%/pthread \
	%D%/random \
	%D%/randomisation \
	%D%/refuse_all \
	%D%/refuse_apart \
	%D%/refuse_arguments \
	%D%/refuse_children \
	%D%/refuse_deleted_file \
	%D%/refuse_descriptors \
	%D%/refuse_senders \
	%D%/refuse_device \
	%D%/refuse_exclude \
	%D%/refuse_io_uring \
	%D%/refuse_secret \
	%D%/refuse_threads \
	%D%/refuse_timer \
	%D%/remap \
	%D%/rseq \
	%D%/setjmp \
	%D%/shared_file \
	%D%/shared_memory \
	%D%/shared_objects \
	%D%/signals \
	%D%/signals_child \
	%D%/signals_queued \
	%D%/sparse \
	%D%/stack \
	%D%/stdio \
	%D%/sysv \
	%D%/thread_exit \
	%D%/threads_blocked \
	%D%/threads_blocked_deadly \
	%D%/threads_cancel \
	%D%/threads_entries \
	%D%/threads_gate \
	%D%/threads_generations \
	%D%/threads_in_handler \
	%D%/threads_join \
	%D%/threads_lifetimes \
	%D%/threads_locks \
	%D%/threads_main_gone \
	%D%/threads_mutexes \
	%D%/threads_not_main \
	%D%/threads_not_main_alone \
	%D%/threads_realtime \
	%D%/threads_registers \
	%D%/threads_schedule \
	%D%/threads_setid \
	%D%/threads_settings \
	%D%/threads_signals \
	%D%/threads_small_stack \
	%D%/threads_specific \
	%D%/threads_stress \
	%D%/threads_system_calls \
	%D%/threads_taking \
	%D%/threads_timed \
	%D%/threads_timed_boot \
	%D%/threads_vdso \
	%D%/threads_waiters \
	%D%/threads_waits \
	%D%/tid_unknown \
	%D%/timers_cpu \
	%D%/timers_interval \
	%D%/timers_posix \
	%D%/timezone \
	%D%/tls \
	%D%/unwind \
	%D%/vdso_proxy

roundtrip_cxx_tests = \
	%D%/cxx_exceptions \
	%D%/cxx_streams \
	%D%/cxx_threads \
	%D%/threads_cxx

roundtrip_scripts = %D%/fd_filtered.sh %D%/gdb.sh %D%/shared_user.sh

check_PROGRAMS += $(roundtrip_tests) %D%/debuggee
TESTS += $(roundtrip_tests) $(roundtrip_scripts)
EXTRA_DIST += $(roundtrip_scripts)
if HAVE_CXX
check_PROGRAMS += $(roundtrip_cxx_tests)
TESTS += $(roundtrip_cxx_tests)
endif

# ---- Tests that need more than a line -------------------------------------------------------

# Another library or another option of the compiler.
%C%_emacs_LDADD = tests/lib/libtest_library.la $(LDADD)
%C%_fd_pty_LDADD = $(LDADD) -lutil
%C%_fd_terminal_LDADD = $(LDADD) -lutil
%C%_fpu_LDADD = $(LDADD) -lm
%C%_globals_LDADD = tests/lib/libtest_library.la $(LDADD)
%C%_stdio_LDADD = $(LDADD) -lutil
%C%_threads_registers_LDADD = $(LDADD) -lm
%C%_tls_LDADD = tests/lib/libtest_library.la $(LDADD)
%C%_copies_CFLAGS = $(AM_CFLAGS) -fstack-protector-all
%C%_guards_CFLAGS = $(AM_CFLAGS) -fstack-protector-all

# One source, two tests.
%C%_malloc_without_brk_SOURCES = %D%/malloc.c
%C%_malloc_without_brk_CPPFLAGS = $(AM_CPPFLAGS) -DWITHOUT_SET_MM
%C%_threads_blocked_deadly_SOURCES = %D%/threads_blocked.c
%C%_threads_blocked_deadly_CPPFLAGS = $(AM_CPPFLAGS) -DDEADLY
%C%_threads_not_main_alone_SOURCES = %D%/threads_not_main.c
%C%_threads_not_main_alone_CPPFLAGS = $(AM_CPPFLAGS) -DALONE
%C%_threads_timed_boot_SOURCES = %D%/threads_timed.c
%C%_threads_timed_boot_CPPFLAGS = $(AM_CPPFLAGS) -DBOOT

# One program in several forms.
%C%_form_dlopen_SOURCES = %D%/forms.c
%C%_form_dlopen_CPPFLAGS = $(AM_CPPFLAGS) -DBY_DLOPEN
%C%_form_dlopen_LDADD = tests/lib/libroundtrip.la $(libc_ldadd)
%C%_form_not_pie_SOURCES = %D%/forms.c
%C%_form_not_pie_CPPFLAGS = $(AM_CPPFLAGS) -DNOT_PIE
%C%_form_not_pie_CFLAGS = $(AM_CFLAGS) -fno-pie
%C%_form_not_pie_LDFLAGS = $(AM_LDFLAGS) -XCClinker -no-pie
%C%_form_pie_SOURCES = %D%/forms.c
%C%_form_pie_CPPFLAGS = $(AM_CPPFLAGS) -DPIE
%C%_form_pie_CFLAGS = $(AM_CFLAGS) -fpie
%C%_form_pie_LDFLAGS = $(AM_LDFLAGS) -XCClinker -pie
%C%_form_static_library_SOURCES = %D%/forms.c
%C%_form_static_library_CPPFLAGS = $(AM_CPPFLAGS) -DSTATIC_LIBRARY
%C%_form_static_library_LDFLAGS = $(AM_LDFLAGS) -static

# C++.
%C%_cxx_exceptions_SOURCES = %D%/cxx_exceptions.cc
%C%_cxx_exceptions_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
%C%_cxx_streams_SOURCES = %D%/cxx_streams.cc
%C%_cxx_streams_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
%C%_cxx_threads_SOURCES = %D%/cxx_threads.cc
%C%_cxx_threads_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
%C%_threads_cxx_SOURCES = %D%/threads_cxx.cc
%C%_threads_cxx_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
