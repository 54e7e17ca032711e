/* SPDX-License-Identifier: MIT
 *
 * A program with a slow start-up; "app --dump FILE" dumps it after that. automake, CMake and
 * Meson can build it, with the files in this directory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_UNEXEC
#include <unexec.h>
#endif

static unsigned long steps[1000000];

/* Count the steps in which Collatz's sequences reach 1. */
static void start_up(void)
{
	for (unsigned long i = 2; i < sizeof(steps) / sizeof(*steps); i++)
		for (unsigned long n = i; n != 1; n = n % 2 ? 3 * n + 1 : n / 2)
			steps[i]++;
}

static int dump(const char *file, int *argc, char ***argv)
{
#ifdef HAVE_UNEXEC
	int status = unexec_dump(file, NULL, NULL);

	if (status == UNEXEC_RESUMED)
		unexec_arguments(argc, argv, NULL);
	return status;
#else
	fprintf(stderr, "%s: built without libunexec, cannot write %s\n", **argv, file);
	return *argc ? -1 : 0;
#endif
}

int main(int argc, char **argv)
{
	start_up();
	if (argc == 3 && !strcmp(argv[1], "--dump")) {
		int status = dump(argv[2], &argc, &argv);

		if (status <= 0)
			return status ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	for (int i = 1; i < argc; i++) {
		unsigned long n = strtoul(argv[i], NULL, 0);

		if (n && n < sizeof(steps) / sizeof(*steps))
			printf("%lu: %lu steps\n", n, steps[n]);
	}
}
