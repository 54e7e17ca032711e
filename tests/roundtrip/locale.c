/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The locale that setlocale and uselocale set before the dump stays in force, whatever LANG is,
 * and can be changed.
 */
#define _GNU_SOURCE
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "../lib/roundtrip.h"

static void check_utf8(void)
{
	wchar_t wide[10];

	CHECK_STRING(nl_langinfo(CODESET), "UTF-8");
	CHECK_EQUAL(mbstowcs(wide, "\xc3\xa9\xe2\x82\xac", 10), 2);
	CHECK_EQUAL(wide[1], 0x20ac);
	CHECK_EQUAL(towupper(0xe9), 0xc9);
}

int main(void)
{
	static const char *const environment[] = { "LC_ALL=C", NULL };
	locale_t other;

	roundtrip_begin();
	if (!setlocale(LC_ALL, "C.UTF-8"))
		roundtrip_skip("no locale C.UTF-8");
	other = newlocale(LC_ALL_MASK, "C", NULL);
	roundtrip_cut_with(&(struct roundtrip){ .environment = environment });
	CHECK(strstr(setlocale(LC_ALL, NULL), "UTF"));
	check_utf8();
	CHECK(uselocale(other) == LC_GLOBAL_LOCALE);
	CHECK_STRING(nl_langinfo(CODESET), "ANSI_X3.4-1968");
	uselocale(LC_GLOBAL_LOCALE);
	freelocale(other);
	check_utf8();
	CHECK_STRING(setlocale(LC_ALL, ""), "C");
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	check_utf8();
	return 0;
}
