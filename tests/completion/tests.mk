# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion of command lines in shells.

completion_tests = \
	%D%/bash.sh \
	%D%/zsh.sh

TESTS += $(completion_tests)
EXTRA_DIST += $(completion_tests) %D%/zsh.py
