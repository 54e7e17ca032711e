# SPDX-License-Identifier: GPL-3.0-or-later
#
# Roundtrip tests: one program for each property. They are linked with -no-install, so that
# what is run and dumped is the program and no wrapper of libtool's.

# These are part of libc since glibc 2.34.
libc_ldadd = -lpthread -ldl -lrt
roundtrip_ldadd = tests/lib/libroundtrip.la libunexec.la $(libc_ldadd)
roundtrip_ldflags = -no-install

# ---- What they share ------------------------------------------------------------------------

EXTRA_DIST += tests/lib/close_from.h
check_LTLIBRARIES += \
	tests/lib/libroundtrip.la \
	tests/lib/libtest_library.la \
	tests/lib/module_one.la \
	tests/lib/module_two.la
check_PROGRAMS += tests/lib/clean_exec tests/lib/seccomp_exec

tests_lib_libroundtrip_la_SOURCES = tests/lib/roundtrip.c tests/lib/roundtrip.h
tests_lib_libroundtrip_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD_DIRECTORY=\"$(abs_top_builddir)\"

# An -rpath makes libtool build a shared one, though nothing is installed.
tests_lib_libtest_library_la_SOURCES = tests/lib/test_library.c tests/lib/test_library.h
tests_lib_libtest_library_la_LDFLAGS = -shared -rpath $(abs_top_builddir)/tests/lib/.libs
tests_lib_module_one_la_SOURCES = tests/lib/module.c
tests_lib_module_one_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_lib_module_two_la_SOURCES = tests/lib/module.c
tests_lib_module_two_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

tests_lib_clean_exec_SOURCES = tests/lib/clean_exec.c
tests_lib_seccomp_exec_SOURCES = tests/lib/seccomp_exec.c

# ---- The programs -------------------------------------------------------------------------

roundtrip_tests = \
	%D%/addresses \
	%D%/advice \
	%D%/arguments \
	%D%/atexit \
	%D%/auxv \
	%D%/clocks \
	%D%/closed \
	%D%/copies \
	%D%/coroutine \
	%D%/deepest \
	%D%/discard \
	%D%/dlopen \
	%D%/emacs \
	%D%/entry_function \
	%D%/entry_main \
	%D%/environment \
	%D%/exclude \
	%D%/file_mappings \
	%D%/fd_changed \
	%D%/fd_epoll \
	%D%/fd_inotify \
	%D%/fd_kernel \
	%D%/fd_listening \
	%D%/fd_locks \
	%D%/fd_many \
	%D%/fd_memfd \
	%D%/fd_paths \
	%D%/fd_pipe \
	%D%/fd_policy \
	%D%/fd_same \
	%D%/fd_socketpair \
	%D%/fd_terminal \
	%D%/fd_timerfd \
	%D%/fd_unix_path \
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
	%D%/moment \
	%D%/mutex \
	%D%/names \
	%D%/original \
	%D%/posix_timers \
	%D%/process \
	%D%/processes \
	%D%/protections \
	%D%/pthread \
	%D%/random \
	%D%/randomisation \
	%D%/remap \
	%D%/rseq \
	%D%/setjmp \
	%D%/shared_file \
	%D%/shared_memory \
	%D%/shared_objects \
	%D%/signals \
	%D%/sparse \
	%D%/stack \
	%D%/stdio \
	%D%/thread_exit \
	%D%/tid_unknown \
	%D%/timezone \
	%D%/tls \
	%D%/unwind

roundtrip_cxx_tests = \
	%D%/cxx_exceptions \
	%D%/cxx_streams \
	%D%/cxx_threads

roundtrip_scripts = %D%/fd_filtered.sh %D%/gdb.sh %D%/shared_user.sh

check_PROGRAMS += $(roundtrip_tests) %D%/debuggee
TESTS += $(roundtrip_tests) $(roundtrip_scripts)
EXTRA_DIST += $(roundtrip_scripts)
if HAVE_CXX
check_PROGRAMS += $(roundtrip_cxx_tests)
TESTS += $(roundtrip_cxx_tests)
endif

tests_roundtrip_addresses_SOURCES = %D%/addresses.c
tests_roundtrip_addresses_LDADD = $(roundtrip_ldadd)
tests_roundtrip_addresses_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_advice_SOURCES = %D%/advice.c
tests_roundtrip_advice_LDADD = $(roundtrip_ldadd)
tests_roundtrip_advice_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_arguments_SOURCES = %D%/arguments.c
tests_roundtrip_arguments_LDADD = $(roundtrip_ldadd)
tests_roundtrip_arguments_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_atexit_SOURCES = %D%/atexit.c
tests_roundtrip_atexit_LDADD = $(roundtrip_ldadd)
tests_roundtrip_atexit_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_auxv_SOURCES = %D%/auxv.c
tests_roundtrip_auxv_LDADD = $(roundtrip_ldadd)
tests_roundtrip_auxv_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_clocks_SOURCES = %D%/clocks.c
tests_roundtrip_clocks_LDADD = $(roundtrip_ldadd)
tests_roundtrip_clocks_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_debuggee_SOURCES = %D%/debuggee.c
tests_roundtrip_debuggee_LDADD = $(roundtrip_ldadd)
tests_roundtrip_debuggee_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_discard_SOURCES = %D%/discard.c
tests_roundtrip_discard_LDADD = $(roundtrip_ldadd)
tests_roundtrip_discard_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_deepest_SOURCES = %D%/deepest.c
tests_roundtrip_deepest_LDADD = $(roundtrip_ldadd)
tests_roundtrip_deepest_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_closed_SOURCES = %D%/closed.c
tests_roundtrip_closed_LDADD = $(roundtrip_ldadd)
tests_roundtrip_closed_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_coroutine_SOURCES = %D%/coroutine.c
tests_roundtrip_coroutine_LDADD = $(roundtrip_ldadd)
tests_roundtrip_coroutine_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_dlopen_SOURCES = %D%/dlopen.c
tests_roundtrip_dlopen_LDADD = $(roundtrip_ldadd)
tests_roundtrip_dlopen_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_emacs_SOURCES = %D%/emacs.c
tests_roundtrip_emacs_LDADD = tests/lib/libtest_library.la $(roundtrip_ldadd)
tests_roundtrip_emacs_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_entry_function_SOURCES = %D%/entry_function.c
tests_roundtrip_entry_function_LDADD = $(roundtrip_ldadd)
tests_roundtrip_entry_function_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_entry_main_SOURCES = %D%/entry_main.c
tests_roundtrip_entry_main_LDADD = $(roundtrip_ldadd)
tests_roundtrip_entry_main_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_environment_SOURCES = %D%/environment.c
tests_roundtrip_environment_LDADD = $(roundtrip_ldadd)
tests_roundtrip_environment_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_exclude_SOURCES = %D%/exclude.c
tests_roundtrip_exclude_LDADD = $(roundtrip_ldadd)
tests_roundtrip_exclude_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_terminal_SOURCES = %D%/fd_terminal.c
tests_roundtrip_fd_terminal_LDADD = $(roundtrip_ldadd) -lutil
tests_roundtrip_fd_terminal_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_changed_SOURCES = %D%/fd_changed.c
tests_roundtrip_fd_changed_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_changed_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_epoll_SOURCES = %D%/fd_epoll.c
tests_roundtrip_fd_epoll_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_epoll_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_inotify_SOURCES = %D%/fd_inotify.c
tests_roundtrip_fd_inotify_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_inotify_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_kernel_SOURCES = %D%/fd_kernel.c
tests_roundtrip_fd_kernel_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_kernel_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_listening_SOURCES = %D%/fd_listening.c
tests_roundtrip_fd_listening_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_listening_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_locks_SOURCES = %D%/fd_locks.c
tests_roundtrip_fd_locks_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_locks_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_many_SOURCES = %D%/fd_many.c
tests_roundtrip_fd_many_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_many_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_memfd_SOURCES = %D%/fd_memfd.c
tests_roundtrip_fd_memfd_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_memfd_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_paths_SOURCES = %D%/fd_paths.c
tests_roundtrip_fd_paths_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_paths_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_pipe_SOURCES = %D%/fd_pipe.c
tests_roundtrip_fd_pipe_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_pipe_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_policy_SOURCES = %D%/fd_policy.c
tests_roundtrip_fd_policy_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_policy_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_same_SOURCES = %D%/fd_same.c
tests_roundtrip_fd_same_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_same_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_socketpair_SOURCES = %D%/fd_socketpair.c
tests_roundtrip_fd_socketpair_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_socketpair_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_timerfd_SOURCES = %D%/fd_timerfd.c
tests_roundtrip_fd_timerfd_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_timerfd_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fd_unix_path_SOURCES = %D%/fd_unix_path.c
tests_roundtrip_fd_unix_path_LDADD = $(roundtrip_ldadd)
tests_roundtrip_fd_unix_path_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_file_mappings_SOURCES = %D%/file_mappings.c
tests_roundtrip_file_mappings_LDADD = $(roundtrip_ldadd)
tests_roundtrip_file_mappings_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_copies_SOURCES = %D%/copies.c
tests_roundtrip_copies_CFLAGS = $(AM_CFLAGS) -fstack-protector-all
tests_roundtrip_copies_LDADD = $(roundtrip_ldadd)
tests_roundtrip_copies_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_files_SOURCES = %D%/files.c
tests_roundtrip_files_LDADD = $(roundtrip_ldadd)
tests_roundtrip_files_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_fpu_SOURCES = %D%/fpu.c
tests_roundtrip_fpu_LDADD = $(roundtrip_ldadd) -lm
tests_roundtrip_fpu_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_generations_SOURCES = %D%/generations.c
tests_roundtrip_generations_LDADD = $(roundtrip_ldadd)
tests_roundtrip_generations_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_globals_SOURCES = %D%/globals.c
tests_roundtrip_globals_LDADD = tests/lib/libtest_library.la $(roundtrip_ldadd)
tests_roundtrip_globals_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_guards_SOURCES = %D%/guards.c
tests_roundtrip_guards_CFLAGS = $(AM_CFLAGS) -fstack-protector-all
tests_roundtrip_guards_LDADD = $(roundtrip_ldadd)
tests_roundtrip_guards_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_hooks_SOURCES = %D%/hooks.c
tests_roundtrip_hooks_LDADD = $(roundtrip_ldadd)
tests_roundtrip_hooks_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_io_setup_SOURCES = %D%/io_setup.c
tests_roundtrip_io_setup_LDADD = $(roundtrip_ldadd)
tests_roundtrip_io_setup_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_io_uring_SOURCES = %D%/io_uring.c tests/lib/ring.h
tests_roundtrip_io_uring_LDADD = $(roundtrip_ldadd)
tests_roundtrip_io_uring_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_lazy_SOURCES = %D%/lazy.c
tests_roundtrip_lazy_LDADD = $(roundtrip_ldadd)
tests_roundtrip_lazy_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_locale_SOURCES = %D%/locale.c
tests_roundtrip_locale_LDADD = $(roundtrip_ldadd)
tests_roundtrip_locale_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_malloc_SOURCES = %D%/malloc.c
tests_roundtrip_malloc_LDADD = $(roundtrip_ldadd)
tests_roundtrip_malloc_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_many_mappings_SOURCES = %D%/many_mappings.c
tests_roundtrip_many_mappings_LDADD = $(refuse_ldadd)
tests_roundtrip_many_mappings_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_copy_SOURCES = %D%/memory_copy.c
tests_roundtrip_memory_copy_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_copy_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_flags_SOURCES = %D%/memory_flags.c
tests_roundtrip_memory_flags_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_flags_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_guards_SOURCES = %D%/memory_guards.c
tests_roundtrip_memory_guards_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_guards_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_none_SOURCES = %D%/memory_none.c
tests_roundtrip_memory_none_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_none_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_policy_SOURCES = %D%/memory_policy.c
tests_roundtrip_memory_policy_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_policy_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_memory_auto_SOURCES = %D%/memory_auto.c
tests_roundtrip_memory_auto_LDADD = $(roundtrip_ldadd)
tests_roundtrip_memory_auto_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_moment_SOURCES = %D%/moment.c
tests_roundtrip_moment_LDADD = $(roundtrip_ldadd)
tests_roundtrip_moment_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_mutex_SOURCES = %D%/mutex.c
tests_roundtrip_mutex_LDADD = $(roundtrip_ldadd)
tests_roundtrip_mutex_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_names_SOURCES = %D%/names.c
tests_roundtrip_names_LDADD = $(roundtrip_ldadd)
tests_roundtrip_names_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_original_SOURCES = %D%/original.c
tests_roundtrip_original_LDADD = $(roundtrip_ldadd)
tests_roundtrip_original_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_posix_timers_SOURCES = %D%/posix_timers.c
tests_roundtrip_posix_timers_LDADD = $(roundtrip_ldadd)
tests_roundtrip_posix_timers_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_process_SOURCES = %D%/process.c
tests_roundtrip_process_LDADD = $(roundtrip_ldadd)
tests_roundtrip_process_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_processes_SOURCES = %D%/processes.c
tests_roundtrip_processes_LDADD = $(roundtrip_ldadd)
tests_roundtrip_processes_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_protections_SOURCES = %D%/protections.c
tests_roundtrip_protections_LDADD = $(roundtrip_ldadd)
tests_roundtrip_protections_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_pthread_SOURCES = %D%/pthread.c
tests_roundtrip_pthread_LDADD = $(roundtrip_ldadd)
tests_roundtrip_pthread_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_random_SOURCES = %D%/random.c
tests_roundtrip_random_LDADD = $(roundtrip_ldadd)
tests_roundtrip_random_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_randomisation_SOURCES = %D%/randomisation.c
tests_roundtrip_randomisation_LDADD = $(roundtrip_ldadd)
tests_roundtrip_randomisation_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_remap_SOURCES = %D%/remap.c
tests_roundtrip_remap_LDADD = $(roundtrip_ldadd)
tests_roundtrip_remap_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_rseq_SOURCES = %D%/rseq.c
tests_roundtrip_rseq_LDADD = $(roundtrip_ldadd)
tests_roundtrip_rseq_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_setjmp_SOURCES = %D%/setjmp.c
tests_roundtrip_setjmp_LDADD = $(roundtrip_ldadd)
tests_roundtrip_setjmp_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_shared_file_SOURCES = %D%/shared_file.c
tests_roundtrip_shared_file_LDADD = $(roundtrip_ldadd)
tests_roundtrip_shared_file_LDFLAGS = $(roundtrip_ldflags)
tests_roundtrip_shared_objects_SOURCES = %D%/shared_objects.c
tests_roundtrip_shared_objects_LDADD = $(roundtrip_ldadd)
tests_roundtrip_shared_objects_LDFLAGS = $(roundtrip_ldflags)
tests_roundtrip_shared_memory_SOURCES = %D%/shared_memory.c
tests_roundtrip_shared_memory_LDADD = $(roundtrip_ldadd)
tests_roundtrip_shared_memory_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_signals_SOURCES = %D%/signals.c
tests_roundtrip_signals_LDADD = $(roundtrip_ldadd)
tests_roundtrip_signals_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_sparse_SOURCES = %D%/sparse.c
tests_roundtrip_sparse_LDADD = $(roundtrip_ldadd)
tests_roundtrip_sparse_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_stack_SOURCES = %D%/stack.c
tests_roundtrip_stack_LDADD = $(roundtrip_ldadd)
tests_roundtrip_stack_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_stdio_SOURCES = %D%/stdio.c
tests_roundtrip_stdio_LDADD = $(roundtrip_ldadd) -lutil
tests_roundtrip_stdio_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_thread_exit_SOURCES = %D%/thread_exit.c
tests_roundtrip_thread_exit_LDADD = $(roundtrip_ldadd)
tests_roundtrip_thread_exit_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_tid_unknown_SOURCES = %D%/tid_unknown.c
tests_roundtrip_tid_unknown_LDADD = $(roundtrip_ldadd)
tests_roundtrip_tid_unknown_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_timezone_SOURCES = %D%/timezone.c
tests_roundtrip_timezone_LDADD = $(roundtrip_ldadd)
tests_roundtrip_timezone_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_tls_SOURCES = %D%/tls.c
tests_roundtrip_tls_LDADD = tests/lib/libtest_library.la $(roundtrip_ldadd)
tests_roundtrip_tls_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_unwind_SOURCES = %D%/unwind.c
tests_roundtrip_unwind_LDADD = $(roundtrip_ldadd)
tests_roundtrip_unwind_LDFLAGS = $(roundtrip_ldflags)

tests_roundtrip_malloc_without_brk_SOURCES = %D%/malloc.c
tests_roundtrip_malloc_without_brk_CPPFLAGS = $(AM_CPPFLAGS) -DWITHOUT_SET_MM
tests_roundtrip_malloc_without_brk_LDADD = $(roundtrip_ldadd)
tests_roundtrip_malloc_without_brk_LDFLAGS = $(roundtrip_ldflags)

# ---- One program in several forms -----------------------------------------------------------

tests_roundtrip_form_dlopen_SOURCES = %D%/forms.c
tests_roundtrip_form_dlopen_CPPFLAGS = $(AM_CPPFLAGS) -DBY_DLOPEN
tests_roundtrip_form_dlopen_LDADD = tests/lib/libroundtrip.la $(libc_ldadd)
tests_roundtrip_form_dlopen_LDFLAGS = -no-install

tests_roundtrip_form_not_pie_SOURCES = %D%/forms.c
tests_roundtrip_form_not_pie_CPPFLAGS = $(AM_CPPFLAGS) -DNOT_PIE
tests_roundtrip_form_not_pie_CFLAGS = $(AM_CFLAGS) -fno-pie
tests_roundtrip_form_not_pie_LDADD = $(roundtrip_ldadd)
tests_roundtrip_form_not_pie_LDFLAGS = -no-install -XCClinker -no-pie

tests_roundtrip_form_pie_SOURCES = %D%/forms.c
tests_roundtrip_form_pie_CPPFLAGS = $(AM_CPPFLAGS) -DPIE
tests_roundtrip_form_pie_CFLAGS = $(AM_CFLAGS) -fpie
tests_roundtrip_form_pie_LDADD = $(roundtrip_ldadd)
tests_roundtrip_form_pie_LDFLAGS = -no-install -XCClinker -pie

tests_roundtrip_form_static_library_SOURCES = %D%/forms.c
tests_roundtrip_form_static_library_CPPFLAGS = $(AM_CPPFLAGS) -DSTATIC_LIBRARY
tests_roundtrip_form_static_library_LDADD = $(roundtrip_ldadd)
tests_roundtrip_form_static_library_LDFLAGS = -no-install -static

# ---- C++ ------------------------------------------------------------------------------------

tests_roundtrip_cxx_exceptions_SOURCES = %D%/cxx_exceptions.cc
tests_roundtrip_cxx_exceptions_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
tests_roundtrip_cxx_exceptions_LDADD = $(roundtrip_ldadd)
tests_roundtrip_cxx_exceptions_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_roundtrip_cxx_streams_SOURCES = %D%/cxx_streams.cc
tests_roundtrip_cxx_streams_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
tests_roundtrip_cxx_streams_LDADD = $(roundtrip_ldadd)
tests_roundtrip_cxx_streams_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_roundtrip_cxx_threads_SOURCES = %D%/cxx_threads.cc
tests_roundtrip_cxx_threads_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
tests_roundtrip_cxx_threads_LDADD = $(roundtrip_ldadd)
tests_roundtrip_cxx_threads_LDFLAGS = $(roundtrip_ldflags) -pthread

include tests/refuse/tests.mk

check_PROGRAMS += %D%/vdso_proxy %D%/cpu
TESTS += %D%/vdso_proxy %D%/cpu
tests_roundtrip_cpu_SOURCES = %D%/cpu.c tests/lib/spoil_vdso.c tests/lib/spoil_vdso.h
tests_roundtrip_cpu_LDADD = $(roundtrip_ldadd)
tests_roundtrip_cpu_LDFLAGS = $(roundtrip_ldflags)
tests_roundtrip_vdso_proxy_SOURCES = %D%/vdso_proxy.c tests/lib/spoil_vdso.c tests/lib/spoil_vdso.h
tests_roundtrip_vdso_proxy_LDADD = $(roundtrip_ldadd)
tests_roundtrip_vdso_proxy_LDFLAGS = $(roundtrip_ldflags)
