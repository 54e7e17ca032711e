# SPDX-License-Identifier: GPL-3.0-or-later
#
# Roundtrip tests with other threads in the process; they use the frame of the roundtrip tests
# and, where something is refused, that of the refusals.

threads_tests = \
	%D%/blocked \
	%D%/blocked_deadly \
	%D%/cancel \
	%D%/entries \
	%D%/gate \
	%D%/generations \
	%D%/join \
	%D%/lifetimes \
	%D%/locks \
	%D%/main_gone \
	%D%/mutexes \
	%D%/not_main \
	%D%/not_main_alone \
	%D%/realtime \
	%D%/in_handler \
	%D%/registers \
	%D%/schedule \
	%D%/setid \
	%D%/signals \
	%D%/small_stack \
	%D%/specific \
	%D%/stress \
	%D%/system_calls \
	%D%/taking \
	%D%/timed \
	%D%/timed_boot \
	%D%/vdso \
	%D%/waiters \
	%D%/waits

threads_cxx_tests = %D%/cxx

check_PROGRAMS += $(threads_tests)
TESTS += $(threads_tests)
EXTRA_DIST += %D%/threads.h
if HAVE_CXX
check_PROGRAMS += $(threads_cxx_tests)
TESTS += $(threads_cxx_tests)
endif

tests_threads_blocked_SOURCES = %D%/blocked.c
tests_threads_blocked_LDADD = $(refuse_ldadd)
tests_threads_blocked_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_blocked_deadly_SOURCES = %D%/blocked.c
tests_threads_blocked_deadly_CPPFLAGS = $(AM_CPPFLAGS) -DDEADLY
tests_threads_blocked_deadly_LDADD = $(refuse_ldadd)
tests_threads_blocked_deadly_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_cancel_SOURCES = %D%/cancel.c
tests_threads_cancel_LDADD = $(roundtrip_ldadd)
tests_threads_cancel_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_entries_SOURCES = %D%/entries.c
tests_threads_entries_LDADD = $(refuse_ldadd)
tests_threads_entries_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_gate_SOURCES = %D%/gate.c
tests_threads_gate_LDADD = $(roundtrip_ldadd)
tests_threads_gate_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_generations_SOURCES = %D%/generations.c
tests_threads_generations_LDADD = $(roundtrip_ldadd)
tests_threads_generations_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_join_SOURCES = %D%/join.c
tests_threads_join_LDADD = $(roundtrip_ldadd)
tests_threads_join_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_lifetimes_SOURCES = %D%/lifetimes.c
tests_threads_lifetimes_LDADD = $(roundtrip_ldadd)
tests_threads_lifetimes_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_locks_SOURCES = %D%/locks.c
tests_threads_locks_LDADD = $(roundtrip_ldadd)
tests_threads_locks_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_main_gone_SOURCES = %D%/main_gone.c
tests_threads_main_gone_LDADD = $(refuse_ldadd)
tests_threads_main_gone_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_mutexes_SOURCES = %D%/mutexes.c
tests_threads_mutexes_LDADD = $(roundtrip_ldadd)
tests_threads_mutexes_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_not_main_SOURCES = %D%/not_main.c
tests_threads_not_main_LDADD = $(roundtrip_ldadd)
tests_threads_not_main_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_not_main_alone_SOURCES = %D%/not_main.c
tests_threads_not_main_alone_CPPFLAGS = $(AM_CPPFLAGS) -DALONE
tests_threads_not_main_alone_LDADD = $(roundtrip_ldadd)
tests_threads_not_main_alone_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_realtime_SOURCES = %D%/realtime.c
tests_threads_realtime_LDADD = $(roundtrip_ldadd)
tests_threads_realtime_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_in_handler_SOURCES = %D%/in_handler.c tests/lib/spoil_vdso.c tests/lib/spoil_vdso.h
tests_threads_in_handler_LDADD = $(roundtrip_ldadd)
tests_threads_in_handler_LDFLAGS = $(roundtrip_ldflags) -pthread
tests_threads_registers_SOURCES = %D%/registers.c tests/lib/spoil_vdso.c tests/lib/spoil_vdso.h
tests_threads_registers_LDADD = $(roundtrip_ldadd) -lm
tests_threads_registers_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_schedule_SOURCES = %D%/schedule.c
tests_threads_schedule_LDADD = $(roundtrip_ldadd)
tests_threads_schedule_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_setid_SOURCES = %D%/setid.c
tests_threads_setid_LDADD = $(roundtrip_ldadd)
tests_threads_setid_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_signals_SOURCES = %D%/signals.c
tests_threads_signals_LDADD = $(roundtrip_ldadd)
tests_threads_signals_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_small_stack_SOURCES = %D%/small_stack.c
tests_threads_small_stack_LDADD = $(roundtrip_ldadd)
tests_threads_small_stack_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_specific_SOURCES = %D%/specific.c
tests_threads_specific_LDADD = $(roundtrip_ldadd)
tests_threads_specific_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_stress_SOURCES = %D%/stress.c
tests_threads_stress_LDADD = $(roundtrip_ldadd)
tests_threads_stress_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_system_calls_SOURCES = %D%/system_calls.c
tests_threads_system_calls_LDADD = $(roundtrip_ldadd)
tests_threads_system_calls_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_taking_SOURCES = %D%/taking.c
tests_threads_taking_LDADD = $(roundtrip_ldadd)
tests_threads_taking_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_timed_SOURCES = %D%/timed.c
tests_threads_timed_LDADD = $(roundtrip_ldadd)
tests_threads_timed_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_timed_boot_SOURCES = %D%/timed.c
tests_threads_timed_boot_CPPFLAGS = $(AM_CPPFLAGS) -DBOOT
tests_threads_timed_boot_LDADD = $(roundtrip_ldadd)
tests_threads_timed_boot_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_vdso_SOURCES = %D%/vdso.c
tests_threads_vdso_LDADD = $(roundtrip_ldadd)
tests_threads_vdso_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_waiters_SOURCES = %D%/waiters.c
tests_threads_waiters_LDADD = $(roundtrip_ldadd)
tests_threads_waiters_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_waits_SOURCES = %D%/waits.c
tests_threads_waits_LDADD = $(roundtrip_ldadd)
tests_threads_waits_LDFLAGS = $(roundtrip_ldflags) -pthread

tests_threads_cxx_SOURCES = %D%/cxx.cc
tests_threads_cxx_CXXFLAGS = -std=c++11 -pthread $(AM_CXXFLAGS)
tests_threads_cxx_LDADD = $(roundtrip_ldadd)
tests_threads_cxx_LDFLAGS = $(roundtrip_ldflags) -pthread
