/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Flags of memory are preserved: locks, access advice, no reserve, huge pages, merging (KSM), and
 * mlockall() of future memory, in the second generation too. If memory may not be locked, the
 * dump prints a warning and continues.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH 65536UL
#define FIRST UINT64_C(0x200000000000)
#define ROOM UINT64_C(0x1000000)
#define FLAGS 128

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif
#define THP_EXCEPT_ADVISED 2 /* since 6.18 */

static struct kind {
	const char *name;
	int flags, advice;
	bool made;
	char before[FLAGS];
} kinds[] = {
	{ .name = "plain" },
	{ .name = "dontfork", .advice = MADV_DONTFORK },
	{ .name = "hugepage", .advice = MADV_HUGEPAGE },
	{ .name = "nohugepage", .advice = MADV_NOHUGEPAGE },
	{ .name = "mergeable", .advice = MADV_MERGEABLE },
	{ .name = "sequential", .advice = MADV_SEQUENTIAL },
	{ .name = "random", .advice = MADV_RANDOM },
	{ .name = "noreserve", .flags = MAP_NORESERVE },
	{ .name = "growsdown", .flags = MAP_GROWSDOWN },
	{ .name = "locked" },
	{ .name = "locked on fault" },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static char *address_of(size_t kind)
{
	return (char *)(uintptr_t)(FIRST + kind * ROOM);
}

/* Two letters for each flag, without the flag for written pages. */
static void read_flags(const void *address, char flags[FLAGS])
{
	char *smaps = roundtrip_read("/proc/self/smaps"), *line = smaps, *end;
	bool here = false;
	unsigned long from, to;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (uintptr_t)address >= from && (uintptr_t)address < to;
		if (here && !strncmp(line, "VmFlags:", 8))
			break;
	}
	CHECK(*line);
	*end = 0;
	flags[0] = 0;
	for (char *word = strtok(line + 8, " "); word; word = strtok(NULL, " "))
		if (strcmp(word, "sd"))
			strcat(strcat(flags, word), " ");
	free(smaps);
}

static void make(size_t number)
{
	struct kind *kind = &kinds[number];
	char *memory = mmap(address_of(number), LENGTH, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | kind->flags, -1, 0);

	CHECK(memory == address_of(number));
	memset(memory, 7, LENGTH);
	kind->made = !kind->advice || !madvise(memory, LENGTH, kind->advice);
	if (!strcmp(kind->name, "locked"))
		kind->made = !mlock(memory, LENGTH);
	if (!strcmp(kind->name, "locked on fault"))
		kind->made = !mlock2(memory, LENGTH, MLOCK_ONFAULT);
}

static int merge, thp, lock_future;

static void set_process(void)
{
	merge = !prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0);
	if (!prctl(PR_SET_THP_DISABLE, 1, THP_EXCEPT_ADVISED, 0, 0)
	    || !prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		thp = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
	lock_future = !mlockall(MCL_FUTURE | MCL_ONFAULT);
}

/* Memory that is mapped now. */
static void check_new(bool locked)
{
	char flags[FLAGS];
	void *memory = mmap(NULL, LENGTH, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	read_flags(memory, flags);
	CHECK_EQUAL(strstr(flags, "lo ") && strstr(flags, "lf "), locked);
	CHECK(!munmap(memory, LENGTH));
}

static void check_all(void)
{
	char flags[FLAGS];

	for (size_t i = 0; i < KINDS; i++) {
		if (!kinds[i].made)
			continue;
		read_flags(address_of(i), flags);
		fprintf(stderr, "%s: %s\n", kinds[i].name, flags);
		CHECK_STRING(flags, kinds[i].before);
		CHECK(address_of(i)[0] == 7 && address_of(i)[LENGTH - 1] == 7);
	}
	check_new(lock_future);
	if (merge)
		CHECK_EQUAL(prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0), 1);
	CHECK_EQUAL(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), thp);
}

/* Forbids this process to lock memory, even as root. */
static void forbid_locks(void)
{
	const struct rlimit none = { 0, 0 };
	int said = open(roundtrip_path("said"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	setrlimit(RLIMIT_MEMLOCK, &none);
	prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0);
	dup2(said, 2);
}

static bool may_lock(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur;
}

static void check_forbidden(void)
{
	const struct roundtrip how = { .prepare = forbid_locks };
	char *said, *end;

	CHECK_EQUAL(roundtrip_run(roundtrip_path("first-V"), &how), 0);
	said = roundtrip_read(roundtrip_path("said"));
	fputs(said, stderr);
	end = strchr(said, '\n');
	CHECK(!strncmp(said, "unexec: ", 8) && strstr(said, "mlock") && end && !end[1]);
}

int main(void)
{
	const struct roundtrip plain = { 0 };
	char *first, *again;

	roundtrip_begin();
	for (size_t i = 0; i < KINDS; i++)
		make(i);
	set_process();
	for (size_t i = 0; i < KINDS; i++)
		read_flags(address_of(i), kinds[i].before);
	first = roundtrip_path("first-V"); /* the line of flags in smaps begins like this */
	again = roundtrip_path("again");
	if (roundtrip_dump(first, NULL) != UNEXEC_RESUMED) {
		if (lock_future)
			check_forbidden();
		_exit(roundtrip_run(first, &plain));
	}
	if (!may_lock()) {
		check_new(false);
		return 0;
	}
	check_all();
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED)
		_exit(roundtrip_run(again, &plain));
	check_all();
	return 0;
}
