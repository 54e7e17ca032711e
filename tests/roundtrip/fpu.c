/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The floating-point environment (rounding, raised and trapped exceptions, flush to zero, x87
 * precision) is preserved.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <xmmintrin.h>

#include "../lib/roundtrip.h"

static unsigned short x87_control(void)
{
	unsigned short word;

	__asm__ volatile("fnstcw %0" : "=m"(word));
	return word;
}

int main(void)
{
	volatile double one = 1, three = 3, tiny = 1e-300;
	unsigned short word = 0x0c7f; /* toward zero, single precision, nothing trapped */
	volatile long double wide = 1;

	roundtrip_begin();
	fesetround(FE_UPWARD);
	feclearexcept(FE_ALL_EXCEPT);
	feraiseexcept(FE_DIVBYZERO | FE_UNDERFLOW);
	_mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
	__asm__ volatile("fldcw %0" : : "m"(word));
	roundtrip_cut();
	CHECK_EQUAL(_mm_getcsr() & 0xe040, 0xc040); /* FTZ, DAZ, rounding up */
	CHECK_EQUAL(x87_control(), word);
	CHECK(fetestexcept(FE_DIVBYZERO) && fetestexcept(FE_UNDERFLOW));
	CHECK(!fetestexcept(FE_INVALID));
	CHECK(one / three > 1.0 / 3.0);
	CHECK(tiny * tiny == 0);
	wide /= three;
	CHECK((double)(float)wide == (double)wide); /* rounded to single precision */
	CHECK_EQUAL(feenableexcept(FE_INVALID), 0);
	return 0;
}
