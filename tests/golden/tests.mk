# SPDX-License-Identifier: GPL-3.0-or-later
#
# Golden tests: images as text, and the layouts they give.

check_PROGRAMS += %D%/golden
TESTS += %D%/run
QUICK_TESTS += %D%/run
EXTRA_DIST += %D%/run \
	%D%/many.image \
	%D%/many.layout \
	%D%/no_randomization.image \
	%D%/no_randomization.layout \
	%D%/python.image \
	%D%/python.layout \
	%D%/small.image \
	%D%/small.layout \
	%D%/special.image \
	%D%/special.layout

%C%_golden_CFLAGS = $(tool_cflags)
%C%_golden_LDADD = $(tool_ldadd)
