/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Has secrets in all places that a dump must not carry, and dumps itself or waits to be
 * dumped: leaks FILE|- SECRET. Where the secrets are is seen from the first word of each:
 * "freed-SECRET", "exclude-SECRET", … The environment and the arguments are the caller's. The
 * dump prints what it finds in the places that it can look at.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <unexec.h>

#define SIZE 8192

static char excluded[64];
static char kept[64];

static char *map(int advice)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED || (advice && madvise(memory, SIZE, advice)))
		exit(77);
	return memory;
}

/* The secret is never together with its mark but in its place, and on no stack in use. */
static void put(volatile char *to, const char *mark, const char *secret)
{
	for (; *mark; mark++)
		*to++ = *mark;
	do
		*to++ = *secret;
	while (*secret++);
}

static void __attribute__((noinline)) leave_on_stack(const char *secret, int depth)
{
	volatile char buffer[3000];

	put(buffer, "freed-", secret);
	if (depth)
		leave_on_stack(secret, depth - 1);
	buffer[0]++;
	buffer[0]--;
}

static int __attribute__((noinline)) dump(const char *path)
{
	char byte;
	const struct unexec_options options = { .size = sizeof(options),
						.scrub_environment = 1 };

	if (strcmp(path, "-"))
		return unexec_dump(path, &options, NULL);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	/* Whenever the dump is made from here on, few frames are on the stack, and none that was
	 * made where secrets were before. */
	if (read(0, &byte, 1) < 0)
		exit(1);
	return UNEXEC_RESUMED;
}

int main(int argc, char **argv)
{
	char *dontdump = map(MADV_DONTDUMP), *wiped = map(MADV_WIPEONFORK);
	char **old_argv = argv;
	const char *old_hidden = getenv("HIDDEN");
	int status;

	if (argc != 3 || !old_hidden)
		return 2;
	put(excluded, "exclude-", argv[2]);
	put(dontdump, "dontdump-", argv[2]);
	put(wiped, "wipe-", argv[2]);
	put(kept, "kept-", argv[2]);
	unexec_exclude(excluded, sizeof(excluded));
	leave_on_stack(argv[2], 20);
	status = dump(argv[1]);
	if (status != UNEXEC_RESUMED)
		return status < 0;
	printf("argv '%s' HIDDEN '%s', kept %zu, new HIDDEN '%s'\n", old_argv[2], old_hidden,
	       strlen(kept), getenv("HIDDEN") ? getenv("HIDDEN") : "none");
	fflush(stdout);
	printf("dontdump '%s' wipe '%s'\n", dontdump, wiped);
	return 0;
}
