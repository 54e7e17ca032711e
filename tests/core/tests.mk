# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of undump: cores that come with the tree, that are forged, and of real programs.

core_tests = \
	%D%/crash.sh \
	%D%/environment.sh \
	%D%/files.sh \
	%D%/filter.sh \
	%D%/forged.sh \
	%D%/gcore.sh \
	%D%/join.sh \
	%D%/kernel.sh \
	%D%/kinds.sh \
	%D%/perl.sh \
	%D%/prompts.sh \
	%D%/same.sh \
	%D%/starts.sh \
	%D%/tex.sh \
	%D%/tiny.sh

TESTS += $(core_tests)
EXTRA_DIST += $(core_tests) %D%/core.sh %D%/contents.py %D%/forge.py %D%/kinds.c %D%/tiny.c %D%/tiny.core

check_PROGRAMS += %D%/joins %D%/subject
%C%_joins_CFLAGS = $(AM_CFLAGS) -pthread
%C%_joins_LDADD =
%C%_joins_LDFLAGS = -pthread
%C%_subject_CFLAGS = $(AM_CFLAGS) -pthread
%C%_subject_LDADD =
%C%_subject_LDFLAGS = -pthread
