/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A module for dlopen, built twice, with a global and two thread-local variables. A test
 * touches one of the latter before the dump and the other only after it.
 */
int module_next(void);
int module_touched(void);
int module_untouched(void);

static int next;
static __thread int touched = 1000;
static __thread int untouched = 2000;

int module_next(void)
{
	return ++next;
}

int module_touched(void)
{
	return ++touched;
}

int module_untouched(void)
{
	return ++untouched;
}
