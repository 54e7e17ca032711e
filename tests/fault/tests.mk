# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whatever may fail, fails in turn.

check_PROGRAMS += %D%/faults %D%/subject
check_LTLIBRARIES += %D%/libfail_malloc.la
TESTS += %D%/faults

tests_fault_faults_SOURCES = %D%/faults.c %D%/fault.h %D%/tracer.c %D%/tracer.h
tests_fault_faults_CPPFLAGS = $(AM_CPPFLAGS) -DSANITIZERS='"$(SANITIZER_CFLAGS)"'
tests_fault_faults_LDADD = $(roundtrip_ldadd)
tests_fault_faults_LDFLAGS = $(roundtrip_ldflags)

tests_fault_libfail_malloc_la_SOURCES = %D%/fail_malloc.c %D%/fault.h
tests_fault_libfail_malloc_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

tests_fault_subject_SOURCES = %D%/subject.c %D%/fault.h
tests_fault_subject_CFLAGS = $(AM_CFLAGS) -pthread
tests_fault_subject_LDADD = libunexec.la
tests_fault_subject_LDFLAGS = -no-install -pthread
