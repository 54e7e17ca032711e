# SPDX-License-Identifier: GPL-3.0-or-later
#
# The writer, with its system calls and allocations failing one after the other.

check_PROGRAMS += %D%/fail_call %D%/writer
check_LTLIBRARIES += %D%/libfail_malloc.la
TESTS += %D%/writer

tests_fault_fail_call_SOURCES = %D%/fail_call.c %D%/fault.h

tests_fault_libfail_malloc_la_SOURCES = %D%/fail_malloc.c %D%/fault.h
tests_fault_libfail_malloc_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

tests_fault_writer_SOURCES = %D%/writer.c %D%/fault.h
tests_fault_writer_CFLAGS = $(AM_CFLAGS) -pthread
tests_fault_writer_LDADD = $(roundtrip_ldadd)
tests_fault_writer_LDFLAGS = $(roundtrip_ldflags) -pthread
