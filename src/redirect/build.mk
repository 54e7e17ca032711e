# SPDX-License-Identifier: MIT
#
# The code that stays in a dump.

redirect_objects += \
	%D%/redirect.ro \
	%D%/redirect_madvise.ro \
	%D%/redirect_maps.ro \
	%D%/redirect_memory.ro \
	%D%/redirect_mremap.ro \
	%D%/redirect_table.ro
EXTRA_DIST += \
	%D%/redirect.c \
	%D%/redirect.h \
	%D%/redirect.ld \
	%D%/redirect_madvise.c \
	%D%/redirect_maps.c \
	%D%/redirect_memory.c \
	%D%/redirect_mremap.c \
	%D%/redirect_table.c
