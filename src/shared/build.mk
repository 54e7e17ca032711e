# SPDX-License-Identifier: MIT
#
# What the library, the restarter and the program all know.

EXTRA_DIST += \
	%D%/descriptor_kinds.h \
	%D%/exports.h \
	%D%/handoff.h \
	%D%/plan.h \
	%D%/plan_view.h \
	%D%/proc_maps.h \
	%D%/redirect.h
