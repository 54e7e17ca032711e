# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that people use, dumped; what they say is compared with what they say undumped.

real_tests = \
	%D%/lua.sh \
	%D%/python.sh \
	%D%/sqlite.sh

TESTS += $(real_tests)
EXTRA_DIST += $(real_tests)
