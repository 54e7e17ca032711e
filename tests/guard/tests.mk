# SPDX-License-Identifier: GPL-3.0-or-later
#
# Guards: promises about the tree and about what is built from it. None of them makes a
# dump.

guard_tests = \
	%D%/architecture.sh \
	%D%/descriptors.sh \
	%D%/exports.sh \
	%D%/floors.sh \
	%D%/header.sh \
	%D%/licences.sh \
	%D%/manual.sh \
	%D%/names.sh \
	%D%/noexecstack.sh \
	%D%/options.sh \
	%D%/readme.sh \
	%D%/restarter.sh \
	%D%/security.sh

TESTS += $(guard_tests)
QUICK_TESTS += $(guard_tests)
EXTRA_DIST += $(guard_tests) %D%/functions.sh
