/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Anonymous memory that mremap() grows, moves or doubles behaves as before the dump: new parts
 * are zero, the content moves with the mapping, a mapping can be moved as one. The same holds
 * in the second generation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define PAGES 64
#define LENGTH (PAGES * PAGE)
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Each test has its own block, between pages that must not be written. */
enum block { GROWS, STAYS, SHRINKS, FIXED, DOUBLES, PARTS, READ_ONLY, NONE, RAW, HOLES, MALLOC,
	     ONE_OF_TWO, BLOCKS };

static char *blocks[BLOCKS];
static char *big, *mapped;
#define BIG ((size_t)96 << 20)

static char *anonymous(size_t length, int prot)
{
	char *made = mmap(NULL, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(made != MAP_FAILED);
	return made;
}

/* Makes a block, followed by an unmapped gap of twice its size. */
static char *make_block(void)
{
	char *room = anonymous(4 * LENGTH, PROT_NONE);

	CHECK(!munmap(room + LENGTH, 2 * LENGTH));
	CHECK(!mprotect(room, LENGTH, PROT_READ | PROT_WRITE));
	for (int i = 0; i < PAGES; i++)
		memset(room + i * PAGE, 'a' + i % 26, PAGE);
	return room;
}

static int has_content(const char *block)
{
	for (int i = 0; i < LENGTH; i++)
		if (block[i] != 'a' + i / PAGE % 26)
			return 0;
	return 1;
}

static int is_zero(const char *start, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (start[i])
			return 0;
	return 1;
}

static void make_all(void)
{
	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = i == MALLOC ? malloc(1 << 20) : make_block();
	memset(blocks[MALLOC], 'm', 1 << 20);
	CHECK(!mprotect(blocks[READ_ONLY], LENGTH, PROT_READ));
	CHECK(!mprotect(blocks[NONE], LENGTH, PROT_NONE));
	/* The middle is zero, so that the file holds only a part of the block. */
	CHECK(!madvise(blocks[HOLES] + PAGE, (PAGES - 2) * PAGE, MADV_DONTNEED));
	big = anonymous(2 * BIG, PROT_NONE);
	CHECK(!munmap(big + BIG, BIG));
	CHECK(!mprotect(big, BIG, PROT_READ | PROT_WRITE));
	for (size_t at = 0; at < BIG; at += 64 * PAGE)
		memset(big + at, 'B', PAGE);
}

/* Makes a private mapping of a file. The dump does not record the file. */
static void make_mapped(void)
{
	int fd = open(roundtrip_path("mapped"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(!ftruncate(fd, LENGTH));
	mapped = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(mapped != MAP_FAILED);
	memset(mapped, 'f', LENGTH);
	close(fd);
}

/* ---- Checks ------------------------------------------------------------------------------- */

static void check_growth(void)
{
	char *p = mremap(blocks[GROWS], LENGTH, 6 * LENGTH, MREMAP_MAYMOVE);

	CHECK(p != MAP_FAILED && has_content(p) && is_zero(p + LENGTH, 5 * LENGTH));
	memset(p, 'g', 6 * LENGTH);
	p = mremap(p, 6 * LENGTH, 9 * LENGTH, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED && p[6 * LENGTH - 1] == 'g' && is_zero(p + 6 * LENGTH, 3 * LENGTH));
	CHECK(!madvise(p, 9 * LENGTH, MADV_DONTNEED));
	CHECK(is_zero(p, 9 * LENGTH));
	blocks[GROWS] = p;
}

static void check_in_place(void)
{
	char *block = blocks[STAYS];

	/* The page after the block's gap is in the way. */
	CHECK(mremap(block, LENGTH, 4 * LENGTH, 0) == MAP_FAILED);
	CHECK_EQUAL(errno, ENOMEM);
	CHECK(mremap(block, LENGTH, 2 * LENGTH, 0) == block);
	CHECK(has_content(block) && is_zero(block + LENGTH, LENGTH));
	memset(block + LENGTH, 'x', LENGTH);
	CHECK(mremap(block, 2 * LENGTH, 3 * LENGTH, 0) == block);
	CHECK(has_content(block) && block[2 * LENGTH - 1] == 'x'
	      && is_zero(block + 2 * LENGTH, LENGTH));
	/* A mapping whose pages are partly lazy moves as one. */
	block = mremap(block, 3 * LENGTH, 8 * LENGTH, MREMAP_MAYMOVE);
	CHECK(block != MAP_FAILED && block != blocks[STAYS] && has_content(block)
	      && block[2 * LENGTH - 1] == 'x' && is_zero(block + 2 * LENGTH, 6 * LENGTH));
	/* The middle of a mapping has no room to grow. */
	CHECK(mremap(block, PAGE, 2 * PAGE, 0) == MAP_FAILED);
	CHECK_EQUAL(errno, ENOMEM);
	blocks[STAYS] = block;
}

static void check_shrinking(void)
{
	char *block = blocks[SHRINKS], *p;

	CHECK(mremap(block, LENGTH, LENGTH / 2, 0) == block);
	CHECK_EQUAL(madvise(block + LENGTH / 2, PAGE, MADV_WILLNEED), -1);
	p = mremap(block, LENGTH / 2, LENGTH, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED && p[LENGTH / 2 - 1] == 'a' + 31 % 26
	      && is_zero(p + LENGTH / 2, LENGTH / 2));
	/* The same without a change. */
	CHECK(mremap(p, LENGTH, LENGTH, MREMAP_MAYMOVE) == p);
}

static void check_fixed(void)
{
	char *target = anonymous(2 * LENGTH, PROT_READ), *block = blocks[FIXED], *p;

	CHECK(mremap(block, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, block + PAGE)
	      == MAP_FAILED);
	CHECK_EQUAL(errno, EINVAL);
	p = mremap(block, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	CHECK(p == target && has_content(p) && is_zero(p + LENGTH, LENGTH));
	memset(p + LENGTH, 'y', LENGTH);
	CHECK_EQUAL(madvise(block, PAGE, MADV_WILLNEED), -1); /* unmapped */
}

static void check_doubling(void)
{
	char *block = blocks[DOUBLES];
	char *p = mremap(block, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);

	if (p == MAP_FAILED && errno == EINVAL)
		return; /* before 5.7 */
	CHECK(p != MAP_FAILED && p != block && has_content(p) && is_zero(block, LENGTH));
	memset(block, 'd', LENGTH);
	CHECK(has_content(p));
}

static void check_parts(void)
{
	char *block = blocks[PARTS];
	char *p = mremap(block + 8 * PAGE, 8 * PAGE, 32 * PAGE, MREMAP_MAYMOVE);

	CHECK(p != MAP_FAILED && p[0] == 'i' && p[8 * PAGE - 1] == 'p'
	      && is_zero(p + 8 * PAGE, 24 * PAGE));
	CHECK_EQUAL(block[7 * PAGE], 'h');
	CHECK_EQUAL(block[16 * PAGE], 'q');
	CHECK(mremap(block, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE) == MAP_FAILED); /* a hole */
	CHECK_EQUAL(errno, EFAULT);
	/* These mappings were never one. */
	CHECK(!mprotect(blocks[ONE_OF_TWO] + LENGTH / 2, LENGTH / 2, PROT_READ));
	CHECK(mremap(blocks[ONE_OF_TWO], LENGTH, 4 * LENGTH, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK_EQUAL(errno, EFAULT);
}

static void check_protections(void)
{
	char *p = mremap(blocks[READ_ONLY], LENGTH, 4 * LENGTH, MREMAP_MAYMOVE);

	CHECK(p != MAP_FAILED && has_content(p) && is_zero(p + LENGTH, LENGTH));
	CHECK_EQUAL(read(open("/dev/zero", O_RDONLY | O_CLOEXEC), p, 1), -1);
	CHECK_EQUAL(errno, EFAULT);
	p = mremap(blocks[NONE], LENGTH, 4 * LENGTH, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	CHECK_EQUAL(write(1, p, 1), -1);
	CHECK_EQUAL(errno, EFAULT);
	CHECK(!mprotect(p, 4 * LENGTH, PROT_READ));
	CHECK(has_content(p) && is_zero(p + LENGTH, 3 * LENGTH));
}

static void check_system_calls(void)
{
	char *block = blocks[RAW];
	char *p = (char *)syscall(SYS_mremap, block, LENGTH, 4 * LENGTH, MREMAP_MAYMOVE, NULL);

	CHECK(p != MAP_FAILED && has_content(p) && is_zero(p + LENGTH, 3 * LENGTH));
	CHECK(mremap(p + 1, LENGTH, LENGTH, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK_EQUAL(errno, EINVAL);
	CHECK(mremap(p, LENGTH, 0, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK_EQUAL(errno, EINVAL);
	CHECK(mremap(p, LENGTH, LENGTH, 1024) == MAP_FAILED);
	CHECK_EQUAL(errno, EINVAL);
	CHECK_EQUAL(syscall(SYS_getppid), getppid());
}

static void check_holes(void)
{
	char *block = blocks[HOLES];
	char *p = mremap(block, LENGTH, 4 * LENGTH, MREMAP_MAYMOVE);

	CHECK(p != MAP_FAILED && p[0] == 'a' && is_zero(p + PAGE, (PAGES - 2) * PAGE));
	CHECK(p[LENGTH - 1] == 'a' + 63 % 26 && is_zero(p + LENGTH, 3 * LENGTH));
}

/* A reservation with almost no pages present is not copied byte by byte. */
static void check_big(void)
{
	char *p = mremap(big, BIG, BIG + LENGTH, MREMAP_MAYMOVE);

	CHECK(p != MAP_FAILED && p[0] == 'B' && p[BIG - 64 * PAGE] == 'B');
	CHECK(is_zero(p + PAGE, 63 * PAGE) && is_zero(p + BIG, LENGTH));
	p = mremap(p, BIG + LENGTH, BIG, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	big = p;
}

static void check_realloc(void)
{
	char *m = blocks[MALLOC];

	for (size_t size = (size_t)1 << 20; size < (size_t)16 << 20; size += (size_t)1 << 20) {
		m = realloc(m, size + (1 << 20));
		CHECK(m && m[0] == 'm' && m[size - 1] == 'm');
		memset(m + size, 'm', 1 << 20);
	}
	free(m);
	m = calloc(64, 1 << 20);
	CHECK(m && is_zero(m, (size_t)64 << 20));
	free(m);
}

/* Moving this mapping may fail, but must not show bytes of another file. */
static void check_mapped(void)
{
	CHECK(mremap(mapped, LENGTH, LENGTH, MREMAP_MAYMOVE) == mapped);
	CHECK(mremap(mapped, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK_EQUAL(errno, ENOMEM);
	CHECK_EQUAL(mapped[LENGTH - 1], 'f');
}

static void check_all(void)
{
	check_growth();
	check_in_place();
	check_shrinking();
	check_fixed();
	check_doubling();
	check_parts();
	check_protections();
	check_system_calls();
	check_holes();
	check_big();
	check_realloc();
}

/* /proc/self/maps cannot be opened. */
static void check_without_files(void)
{
	const struct rlimit none = { 0, 0 };

	CHECK(!setrlimit(RLIMIT_NOFILE, &none));
	check_growth();
	check_in_place();
	check_realloc();
}

int main(void)
{
	char *again;

	roundtrip_begin();
	roundtrip_time_limit = 120;
	make_all();
	make_mapped();
	roundtrip_cut();
	check_all();
	if (!getenv("UNEXEC_TEST_BY_PID"))
		check_mapped();
	make_all();
	again = roundtrip_path("again");
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED) {
		CHECK_EQUAL(roundtrip_run(again, &(struct roundtrip){ 0 }), 0);
		setenv("NO_FILES", "", 1);
		CHECK_EQUAL(roundtrip_run(again, &(struct roundtrip){ 0 }), 0);
		return 0;
	}
	if (getenv("NO_FILES"))
		check_without_files();
	else
		check_all();
	return 0;
}
