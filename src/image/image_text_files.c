/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of descriptor entries in an image's text, from the list of all kinds.
 */
#include "image/text.h"

#define FIELD(member, name, hexadecimal) \
	{ name, offsetof(struct plan_file, member), \
	  sizeof(((struct plan_file *)0)->member), hexadecimal }
#define HEX(member, name) FIELD(member, name, true)
#define DECIMAL(member, name) FIELD(member, name, false)
#define END { NULL, 0, 0, false }

#define FILE_KIND(name, keyword, phase, shown, capture, restore, ...) \
	[PLAN_FD_##name] = { keyword, (const struct text_field[]){ \
		DECIMAL(number, "number"), ##__VA_ARGS__, END } },

const struct text_file_kind text_file_kinds[PLAN_FD_KINDS] = {
	DESCRIPTOR_KINDS(FILE_KIND)
};
