/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The usual hello program, linked statically.
 */
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}
