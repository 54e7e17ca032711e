# SPDX-License-Identifier: MIT
#
# The formats and code that the library, the restarter and the program share.

EXTRA_DIST += \
	%D%/census.h \
	%D%/descriptor_kinds.h \
	%D%/exports.h \
	%D%/handoff.h \
	%D%/plan.h \
	%D%/plan_view.h \
	%D%/proc_maps.h \
	%D%/random_functions.h \
	%D%/redirect.h
