# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of what is installed: the library in other build systems and in packages, completions
# in shells, and the examples in the manual.

installed_tests = \
	%D%/automake.sh \
	%D%/cmake.sh \
	%D%/completion_bash.sh \
	%D%/completion_zsh.sh \
	%D%/debian.sh \
	%D%/manual_examples.sh \
	%D%/meson.sh

TESTS += $(installed_tests)
EXTRA_DIST += $(installed_tests) %D%/completion_zsh.py %D%/functions.sh

check_PROGRAMS += %D%/manual_job
%C%_manual_job_LDADD =
