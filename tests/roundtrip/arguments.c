/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump can be started with as many arguments and as large an environment as the kernel
 * allows, and with none.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH 100000

static const char *words[80];

static char *make_word(int index)
{
	char *word = malloc(LENGTH + 1);

	memset(word, 'a' + index % 26, LENGTH);
	snprintf(word, 20, "W%d=", index);
	word[strlen(word)] = 'x';
	word[LENGTH] = 0;
	return word;
}

static void allow_64_megabytes(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = 64 << 20;
	if (setrlimit(RLIMIT_STACK, &limit))
		_exit(77);
}

static int count(char **list)
{
	int number = 0;

	while (list[number])
		number++;
	return number;
}

static int resumed(void)
{
	char **argv, **envp;
	int argc;

	unexec_arguments(&argc, &argv, &envp);
	CHECK_EQUAL(argc, count(argv));
	if (argc == 1 && !argv[0][0]) /* Linux since 5.18 replaces an empty list by this */
		argc = 0;
	for (int i = 0; i < argc; i++)
		CHECK_STRING(argv[i], words[i]);
	for (int i = 0; envp[i]; i++)
		CHECK_STRING(envp[i], words[i]);
	return argc + count(envp);
}

int main(void)
{
	static const char *const none[] = { NULL };
	char *dump;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	for (int i = 0; i < 60; i++)
		words[i] = make_word(i);
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED)
		return resumed();
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .environment = none,
							     .arguments = none }), 0);
	words[20] = NULL;
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = words,
							     .environment = none }), 20);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .environment = words,
							     .arguments = none }), 20);
	words[20] = make_word(20);
	words[30] = NULL;
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .environment = words,
			.arguments = words, .prepare = allow_64_megabytes }), 60);
	words[30] = make_word(30);
	words[60] = NULL;
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = words,
			.environment = none, .prepare = allow_64_megabytes }), 60);
	_exit(0);
}
