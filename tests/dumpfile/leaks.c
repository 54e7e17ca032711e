/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts secrets into all places that a dump must not contain, and dumps itself or waits to be
 * dumped: leaks FILE|- SECRET. The first word of each secret names its place: "freed-SECRET",
 * "exclude-SECRET", … Environment and arguments come from the caller. The dump prints the
 * secrets in places that it can read.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <unexec.h>

#define SIZE 8192
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08 /* since 6.11 */
#endif

static char excluded[64];
static char kept[64];

static char *map(int flags, int advice)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || (advice && madvise(memory, SIZE, advice)))
		return NULL;
	return memory;
}

/* Mark and secret are together only in that place, and on no stack that is in use. */
static void put(volatile char *to, const char *mark, const char *secret)
{
	for (; to && *mark; mark++)
		*to++ = *mark;
	do
		if (to)
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

/* A dump from outside has all registers: string functions leave data in vector registers. */
__attribute__((target("xsave"))) static void forget_vectors(void)
{
	_Alignas(64) static unsigned char area[576];
	unsigned a, b, c = 0, d, mxcsr = _mm_getcsr();

	memcpy(area + 24, &mxcsr, sizeof(mxcsr));
	if (__get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE)
		_xrstor64(area, 0xe6);
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
	forget_vectors();
	/* The stack now has few frames, and none where secrets were before. */
	if (read(0, &byte, 1) < 0)
		exit(1);
	return UNEXEC_RESUMED;
}

int main(int argc, char **argv)
{
	char *dontdump = map(MAP_PRIVATE, MADV_DONTDUMP);
	char *wiped = map(MAP_PRIVATE, MADV_WIPEONFORK);
	char *droppable = map(MAP_DROPPABLE, 0);
	char **old_argv = argv;
	const char *old_hidden = getenv("HIDDEN");
	int status;

	if (argc != 3 || !old_hidden || !dontdump || !wiped)
		return 2;
	put(excluded, "exclude-", argv[2]);
	put(dontdump, "dontdump-", argv[2]);
	put(wiped, "wipe-", argv[2]);
	put(droppable, "droppable-", argv[2]);
	put(kept, "kept-", argv[2]);
	unexec_exclude(excluded, sizeof(excluded));
	leave_on_stack(argv[2], 20);
	status = dump(argv[1]);
	if (status != UNEXEC_RESUMED)
		return status < 0;
	printf("argv '%s' HIDDEN '%s', kept %zu, new HIDDEN '%s'\n", old_argv[2], old_hidden,
	       strlen(kept), getenv("HIDDEN") ? getenv("HIDDEN") : "none");
	fflush(stdout);
	printf("dontdump '%s' wipe '%s' droppable '%s'\n", dontdump, wiped,
	       droppable ? droppable : "");
	return 0;
}
