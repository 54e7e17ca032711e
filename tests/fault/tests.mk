# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fault tests: each system call and allocation that may fail fails in turn.

check_PROGRAMS += %D%/faults %D%/subject
check_LTLIBRARIES += %D%/libfail_malloc.la
TESTS += %D%/faults

%C%_faults_SOURCES = %D%/faults.c %D%/fault.h %D%/tracer.c %D%/tracer.h
%C%_faults_CPPFLAGS = $(AM_CPPFLAGS) -DSANITIZERS='"$(SANITIZER_CFLAGS)"'

%C%_libfail_malloc_la_SOURCES = %D%/fail_malloc.c %D%/fault.h
%C%_libfail_malloc_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

%C%_subject_SOURCES = %D%/subject.c %D%/fault.h
%C%_subject_CFLAGS = $(AM_CFLAGS) -pthread
%C%_subject_LDADD = libunexec.la $(libc_ldadd)
