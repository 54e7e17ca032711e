/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each memory call has the same result on lazily mapped memory as on anonymous memory of the
 * same content, and leaves the same content. In two generations. (libunexec(7) lists the
 * differences, "Lazy memory".)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define LENGTH (16 * PAGE)

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* glibc before 2.32 */
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

/* ---- The calls ---------------------------------------------------------------------------- */

static long advise(char *memory, long advice)
{
	return madvise(memory, LENGTH, (int)advice);
}

static long advise_part(char *memory, long advice)
{
	return madvise(memory + 4 * PAGE, 4 * PAGE, (int)advice);
}

static long advise_wrongly(char *memory, long advice)
{
	return madvise(memory + 1, PAGE, (int)advice);
}

static long advise_by_system_call(char *memory, long advice)
{
	return syscall(SYS_madvise, memory, PAGE, advice);
}

static long advise_process(char *memory, long advice)
{
	struct iovec ranges[] = { { memory, PAGE }, { memory + 8 * PAGE, 2 * PAGE } };
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	long result = syscall(SYS_process_madvise, self, ranges, 2, advice, 0);
	int error = errno;

	close(self);
	errno = error;
	return result;
}

/* Removes the guards again, so that the memory can be read. */
static long guard_and_remove(char *memory, long advice)
{
	long result = advise_process(memory, advice);
	int error = errno;

	madvise(memory, LENGTH, 103 /* MADV_GUARD_REMOVE */);
	errno = error;
	return result;
}

static long advise_then_remove(char *memory, long advice)
{
	long result = advise_part(memory, advice);
	int error = errno;

	madvise(memory, LENGTH, 103);
	errno = error;
	return result;
}

static long lock(char *memory, long flags)
{
	long result = mlock2(memory, 2 * PAGE, (unsigned)flags);

	if (!result && madvise(memory, PAGE, MADV_DONTNEED) && errno != EINVAL)
		return -2;
	return result ? result : munlock(memory, 2 * PAGE);
}

static long resident(char *memory, long unused)
{
	unsigned char pages[LENGTH / PAGE];

	(void)unused;
	return mincore(memory, LENGTH, pages) || !(pages[0] & 1);
}

static long synchronise(char *memory, long flags)
{
	return msync(memory, LENGTH, (int)flags);
}

static long protect(char *memory, long unused)
{
	(void)unused;
	return mprotect(memory, PAGE, PROT_NONE) || write(1, memory, 1) != -1 || errno != EFAULT
	       || mprotect(memory, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static long protect_by_key(char *memory, long key)
{
	return syscall(SYS_pkey_mprotect, memory, 2 * PAGE, PROT_READ | PROT_WRITE, key);
}

static long bind_to_node(char *memory, long mode)
{
	unsigned long nodes = 1;

	return syscall(SYS_mbind, memory, 4 * PAGE, mode, mode ? &nodes : NULL, mode ? 8 : 0, 0);
}

static long give_to_pipe(char *memory, long unused)
{
	struct iovec range = { memory + PAGE, 8 };
	char back[8] = "";
	int ends[2];
	long result;

	(void)unused;
	CHECK(!pipe(ends));
	result = vmsplice(ends[1], &range, 1, 0);
	CHECK_EQUAL(read(ends[0], back, 8), 8);
	close(ends[0]);
	close(ends[1]);
	return result == 8 && back[0] == memory[PAGE] ? result : -2;
}

static long fork_and_write(char *memory, long unused)
{
	pid_t child = fork();

	(void)unused;
	if (!child) {
		memset(memory, 'c', LENGTH);
		_exit(0);
	}
	return roundtrip_wait(child);
}

static long unmap_part(char *memory, long unused)
{
	(void)unused;
	return munmap(memory + PAGE, PAGE)
	       || mmap(memory + PAGE, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != memory + PAGE
	       || madvise(memory, 3 * PAGE, MADV_DONTNEED);
}

/* The range has two mappings: since 6.17 the kernel moves both. */
static long leave_old(char *memory, long wanted)
{
	char *target = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *got;

	CHECK(target != MAP_FAILED);
	CHECK(!mprotect(memory + 8 * PAGE, 2 * PAGE, PROT_READ));
	got = (char *)syscall(SYS_mremap, memory + 6 * PAGE, 4 * PAGE, 4 * PAGE,
			      MREMAP_MAYMOVE | MREMAP_DONTUNMAP | (wanted ? 0 : MREMAP_FIXED),
			      wanted ? (char *)wanted : target);
	return got == target ? 1 : (long)got;
}

/* The address is only a hint. */
static long leave_old_near(char *memory, long offset)
{
	char *target = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(target != MAP_FAILED && !munmap(target, LENGTH));
	return (char *)syscall(SYS_mremap, memory, 4 * PAGE, 4 * PAGE,
			       MREMAP_MAYMOVE | MREMAP_DONTUNMAP, target + offset)
	       == target + offset;
}

static long remap_shared(char *memory, long unused)
{
	(void)unused;
	return mremap(memory, 0, PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0;
}

static const struct {
	const char *name;
	long (*call)(char *memory, long argument);
	long argument;
} calls[] = {
	{ "MADV_NORMAL", advise, 0 },
	{ "MADV_RANDOM", advise, 1 },
	{ "MADV_SEQUENTIAL", advise, 2 },
	{ "MADV_WILLNEED", advise, 3 },
	{ "MADV_DONTNEED", advise, 4 },
	{ "MADV_DONTNEED of a part", advise_part, 4 },
	{ "MADV_DONTNEED, not aligned", advise_wrongly, 4 },
	{ "MADV_DONTNEED by syscall()", advise_by_system_call, 4 },
	{ "MADV_DONTNEED by process_madvise", advise_process, 4 },
	{ "MADV_COLD by process_madvise", advise_process, 20 },
	{ "MADV_DONTNEED_LOCKED by process_madvise", advise_process, 24 },
	{ "MADV_WIPEONFORK by process_madvise", advise_process, 18 },
	{ "MADV_REMOVE", advise, 9 },
	{ "MADV_DONTFORK", advise_part, 10 },
	{ "MADV_DOFORK", advise_part, 11 },
	{ "MADV_MERGEABLE", advise, 12 },
	{ "MADV_UNMERGEABLE", advise, 13 },
	{ "MADV_NOHUGEPAGE", advise_part, 15 },
	{ "MADV_DONTDUMP", advise_part, 16 },
	{ "MADV_DODUMP", advise, 17 },
	{ "MADV_WIPEONFORK", advise_part, 18 },
	{ "MADV_KEEPONFORK", advise, 19 },
	{ "MADV_COLD", advise, 20 },
	{ "MADV_PAGEOUT", advise, 21 },
	{ "MADV_POPULATE_READ", advise, 22 },
	{ "MADV_POPULATE_WRITE", advise, 23 },
	{ "MADV_DONTNEED_LOCKED", advise_part, 24 },
	{ "MADV_GUARD_REMOVE", advise, 103 },
	{ "no advice", advise, 9999 },
	{ "mlock", lock, 0 },
	{ "mlock on fault", lock, 1 },
	{ "mincore", resident, 0 },
	{ "msync", synchronise, MS_SYNC },
	{ "msync, invalidate", synchronise, MS_SYNC | MS_INVALIDATE },
	{ "mprotect", protect, 0 },
	{ "pkey_mprotect", protect_by_key, -1 },
	{ "pkey_mprotect, no such key", protect_by_key, 13 },
	{ "mbind", bind_to_node, 0 },
	{ "mbind to a node", bind_to_node, 2 },
	{ "vmsplice", give_to_pipe, 0 },
	{ "fork", fork_and_write, 0 },
	{ "munmap", unmap_part, 0 },
	{ "mremap, old_size 0", remap_shared, 0 },
	{ "MREMAP_DONTUNMAP of two mappings", leave_old, 0 },
	{ "MREMAP_DONTUNMAP to no page", leave_old, 123 },
	{ "MREMAP_DONTUNMAP near an address", leave_old_near, 0 },
	{ "MREMAP_DONTUNMAP near no page", leave_old_near, 5 },
	{ "MADV_GUARD_INSTALL by process_madvise", guard_and_remove, 102 },
	{ "MADV_GUARD_INSTALL", advise_then_remove, 102 },
};
#define CALLS (sizeof(calls) / sizeof(*calls))

/* ---- Both kinds of memory ----------------------------------------------------------------- */

static char *lazy[CALLS];

static char *make(void)
{
	char *made = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	CHECK(made != MAP_FAILED);
	for (int i = 0; i < LENGTH; i++)
		made[i] = (char)('a' + i / PAGE);
	return made;
}

static void make_all(void)
{
	for (size_t i = 0; i < CALLS; i++)
		lazy[i] = make();
}

static void compare(size_t i)
{
	char *memory = make(), *other = lazy[i];
	long result, result_of_other;
	int error;

	errno = 0;
	result = calls[i].call(memory, calls[i].argument);
	error = errno;
	errno = 0;
	result_of_other = calls[i].call(other, calls[i].argument);
	if (result != result_of_other || error != errno || memcmp(memory, other, LENGTH)) {
		printf("%s: %ld (%s) of anonymous memory, %ld (%s) of lazy memory\n",
		       calls[i].name, result, strerror(error), result_of_other,
		       strerror(errno));
		CHECK(!"the same of both");
	}
	/* Both are returned to the kernel afterwards. */
	CHECK_EQUAL(madvise(memory, LENGTH, MADV_DONTNEED), madvise(other, LENGTH, MADV_DONTNEED));
	CHECK(!memcmp(memory, other, LENGTH));
	munmap(memory, LENGTH);
	munmap(other, LENGTH);
}

static void compare_all(void)
{
	for (size_t i = 0; i < CALLS; i++)
		compare(i);
}

int main(void)
{
	char *again;

	roundtrip_begin();
	make_all();
	roundtrip_cut();
	compare_all();
	make_all();
	again = roundtrip_path("again");
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED)
		return roundtrip_run(again, &(struct roundtrip){ 0 });
	compare_all();
	return 0;
}
