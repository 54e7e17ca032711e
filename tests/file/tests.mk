# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of the file that is written: shell scripts around one program that dumps itself.

file_tests = \
	%D%/disk_full.sh \
	%D%/elf.sh \
	%D%/info.sh \
	%D%/killed.sh \
	%D%/leaks.sh \
	%D%/many.sh \
	%D%/memory.sh \
	%D%/name.sh \
	%D%/names.sh \
	%D%/paths.sh \
	%D%/perf.sh \
	%D%/running.sh \
	%D%/save.sh \
	%D%/short_stack.sh \
	%D%/strip.sh \
	%D%/target.sh \
	%D%/tune.sh \
	%D%/unprivileged.sh \
	%D%/verify.sh \
	%D%/zero_pages.sh

TESTS += $(file_tests)
EXTRA_DIST += $(file_tests) tests/lib/functions.sh %D%/damage.py

check_PROGRAMS += %D%/busy %D%/subject %D%/many %D%/measure %D%/leaks
tests_file_many_SOURCES = %D%/many.c
tests_file_many_LDADD = libunexec.la
tests_file_many_LDFLAGS = -no-install
tests_file_leaks_SOURCES = %D%/leaks.c
tests_file_leaks_LDADD = libunexec.la
tests_file_leaks_LDFLAGS = -no-install -Wl,-z,now
tests_file_busy_SOURCES = %D%/busy.c
tests_file_busy_LDADD = libunexec.la
tests_file_busy_LDFLAGS = -no-install
tests_file_subject_SOURCES = %D%/subject.c
tests_file_subject_LDADD = libunexec.la
tests_file_subject_LDFLAGS = -no-install
tests_file_measure_SOURCES = %D%/measure.c
