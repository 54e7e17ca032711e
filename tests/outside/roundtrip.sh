#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The roundtrip tests pass as well when `unexec dump` dumps their processes from outside. (Not
# in the list: tests of the library's calls and options; of a thread's wait for a child; and
# those that change the environment, which then is the program's own.)
. "${0%/*}/../lib/functions.sh"

tests='addresses advice atexit auxv clocks copies cxx_exceptions cxx_streams cxx_threads deepest discard dlopen fd_connected fd_connections fd_empty_messages
	emacs fd_epoll fd_in_flight fd_inotify fd_kernel fd_listening fd_locks fd_many fd_memfd fd_multicast fd_out_of_band fd_paths fd_pty
	fd_raw_sockets fd_same fd_shutdown fd_socket_options fd_terminal fd_timerfd fd_unix_path file_mappings files fpu globals guards io_setup io_uring malloc many_mappings
	moment mutex timers_interval timers_posix protections pthread random randomisation rseq setjmp
	fd_deleted fd_deleted_directory fd_renamed shared_file shared_memory shared_objects signals sparse thread_exit tls unwind'
of_memory='lazy memory_auto memory_copy memory_flags memory_guards memory_none memory_sparse_file remap'
of_state='threads_settings signals_child timers_cpu'
with_threads='signals_queued threads_blocked threads_cxx threads_in_handler threads_join threads_lifetimes threads_locks
	threads_main_gone threads_mutexes threads_realtime threads_registers threads_schedule
	threads_signals threads_small_stack threads_taking threads_timed threads_vdso threads_waiters
	threads_waits'

UNEXEC_TEST_BY_PID=1
export UNEXEC_TEST_BY_PID
failed='' skipped='' passed=0
for test in $tests $of_state $of_memory $with_threads
do
	[ -x "$top_builddir/tests/roundtrip/$test" ] || continue # C++ may be missing
	"$top_builddir/tests/lib/clean_exec" "$top_builddir/tests/roundtrip/$test" > said 2>&1 < /dev/null
	case $? in
	0) passed=$((passed + 1)) ;;
	77) skipped="$skipped $test" ;;
	*)
		failed="$failed $test"
		echo "$test:"
		cat said
		;;
	esac
done
echo "passed: $passed; skipped:${skipped:- none}"
[ -z "$failed" ] || fail "by pid:$failed"
[ "$passed" -ge 40 ] || fail "only $passed tests were run"
