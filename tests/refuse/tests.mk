# SPDX-License-Identifier: GPL-3.0-or-later
#
# What cannot be kept is refused by name, and nothing is written. Included by the roundtrip
# tests, whose frame these use.

refuse_tests = \
	%D%/all \
	%D%/arguments \
	%D%/deleted_file \
	%D%/descriptors \
	%D%/device \
	%D%/exclude \
	%D%/io_uring \
	%D%/secret \
	%D%/threads \
	%D%/timer

check_PROGRAMS += $(refuse_tests)
TESTS += $(refuse_tests)

refuse_ldadd = tests/lib/librefuse.la $(roundtrip_ldadd)

check_LTLIBRARIES += tests/lib/librefuse.la
tests_lib_librefuse_la_SOURCES = tests/lib/refuse.c tests/lib/refuse.h

tests_refuse_all_SOURCES = %D%/all.c
tests_refuse_all_LDADD = $(refuse_ldadd)
tests_refuse_all_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_arguments_SOURCES = %D%/arguments.c
tests_refuse_arguments_LDADD = $(refuse_ldadd)
tests_refuse_arguments_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_deleted_file_SOURCES = %D%/deleted_file.c
tests_refuse_deleted_file_LDADD = $(refuse_ldadd)
tests_refuse_deleted_file_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_descriptors_SOURCES = %D%/descriptors.c
tests_refuse_descriptors_LDADD = $(refuse_ldadd)
tests_refuse_descriptors_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_device_SOURCES = %D%/device.c
tests_refuse_device_LDADD = $(refuse_ldadd)
tests_refuse_device_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_exclude_SOURCES = %D%/exclude.c
tests_refuse_exclude_LDADD = $(refuse_ldadd)
tests_refuse_exclude_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_io_uring_SOURCES = %D%/io_uring.c tests/lib/ring.h
tests_refuse_io_uring_LDADD = $(refuse_ldadd)
tests_refuse_io_uring_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_secret_SOURCES = %D%/secret.c
tests_refuse_secret_LDADD = $(refuse_ldadd)
tests_refuse_secret_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_threads_SOURCES = %D%/threads.c
tests_refuse_threads_LDADD = $(refuse_ldadd)
tests_refuse_threads_LDFLAGS = $(roundtrip_ldflags)

tests_refuse_timer_SOURCES = %D%/timer.c
tests_refuse_timer_LDADD = $(refuse_ldadd)
tests_refuse_timer_LDFLAGS = $(roundtrip_ldflags)

