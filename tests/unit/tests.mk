# SPDX-License-Identifier: GPL-3.0-or-later
#
# Unit tests: Check suites over libunexec_tool.a; no process, no privileges.

unit_tests = \
	%D%/elf_writer_test \
	%D%/image_test \
	%D%/layout_test \
	%D%/locks_test \
	%D%/report_test

unit_cflags = $(tool_cflags) $(CHECK_CFLAGS)
unit_ldadd = $(tool_ldadd) $(CHECK_LIBS)

%C%_elf_writer_test_SOURCES = %D%/elf_writer_test.c %D%/unit.h
%C%_elf_writer_test_CFLAGS = $(unit_cflags)
%C%_elf_writer_test_LDADD = $(unit_ldadd)

%C%_image_test_SOURCES = %D%/image_test.c %D%/unit.h
%C%_image_test_CFLAGS = $(unit_cflags)
%C%_image_test_LDADD = $(unit_ldadd)

%C%_layout_test_SOURCES = %D%/layout_test.c %D%/unit.h
%C%_layout_test_CFLAGS = $(unit_cflags)
%C%_layout_test_LDADD = $(unit_ldadd)

%C%_locks_test_SOURCES = %D%/locks_test.c %D%/unit.h
%C%_locks_test_CFLAGS = $(unit_cflags)
%C%_locks_test_LDADD = $(unit_ldadd)

%C%_report_test_SOURCES = %D%/report_test.c %D%/unit.h
%C%_report_test_CFLAGS = $(unit_cflags)
%C%_report_test_LDADD = $(unit_ldadd)

if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
QUICK_TESTS += $(unit_tests)
endif
