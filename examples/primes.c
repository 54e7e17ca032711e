/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <unexec.h>

static char composite[50000000];

int main(int argc, char **argv)
{
	for (size_t i = 2; i < sizeof(composite); i++) /* the slow start-up */
		for (size_t j = 2 * i; j < sizeof(composite); j += i)
			composite[j] = 1;

	if (unexec_dump("primes-now", NULL, NULL) != UNEXEC_RESUMED)
		return 0;
	unexec_arguments(&argc, &argv, NULL); /* those of this start */
	for (int i = 1; i < argc; i++)
		printf("%s is %sprime\n", argv[i], composite[atol(argv[i])] ? "not " : "");
}
