/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With UNEXEC_MEMORY_COPY, anonymous private memory is anonymous in the dump, with its
 * content, protection and huge pages; file mappings are lazy. This holds even if the dump
 * cannot read its own file, and in the second generation.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096UL
#define LARGE (3UL << 20)
#define HUGE (8UL << 20)
#define SPARSE (1UL << 36)
#define ALIGNED(address) (((uintptr_t)(address) + (2 << 20) - 1) & -(2UL << 20))

static unsigned char *large, *small, *none, *read_only, *sparse, *huge;
static bool has_huge;

static unsigned char *make(size_t length, int flags)
{
	unsigned char *made = mmap(NULL, length, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	CHECK(made != MAP_FAILED);
	return made;
}

/* Each page has different bytes at each position. */
static void fill(unsigned char *memory, size_t length)
{
	for (size_t i = 0; i < length; i++)
		memory[i] = (unsigned char)(i * 7 + i / PAGE);
}

static void check_content(const unsigned char *memory, size_t length)
{
	for (size_t i = 0; i < length; i++)
		CHECK_EQUAL(memory[i], (unsigned char)(i * 7 + i / PAGE));
}

/* Returns the entry of /proc/self/smaps that contains the address. */
static char *entry_of(const void *address)
{
	char *smaps = roundtrip_read("/proc/self/smaps"), *entry = NULL;

	for (char *line = smaps; *line; line = strchr(line, '\n') + 1) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) != 2)
			continue;
		if (entry) {
			*line = 0;
			break;
		}
		if ((uintptr_t)address >= start && (uintptr_t)address < end)
			entry = line;
	}
	CHECK(entry);
	return entry;
}

static bool is_of_file(const void *address)
{
	char *entry = entry_of(address);

	*strchr(entry, '\n') = 0;
	return strchr(entry, '/') != NULL;
}

static bool has_huge_pages(const void *address)
{
	const char *line = strstr(entry_of(address), "AnonHugePages:");

	return line && strtoul(line + 14, NULL, 10) > 0;
}

static void set_up(void)
{
	fill(large = make(LARGE, 0), LARGE);
	fill(small = make(PAGE, 0), PAGE);
	fill(none = make(2 * PAGE, 0), 2 * PAGE);
	CHECK(!mprotect(none, 2 * PAGE, PROT_NONE));
	fill(read_only = make(2 * PAGE, 0), 2 * PAGE);
	CHECK(!mprotect(read_only, 2 * PAGE, PROT_READ));
	sparse = make(SPARSE, MAP_NORESERVE);
	fill(sparse + SPARSE / 2, PAGE);
	huge = (unsigned char *)ALIGNED(make(HUGE + (2 << 20), 0));
	madvise(huge, HUGE, MADV_HUGEPAGE);
	fill(huge, HUGE);
	has_huge = has_huge_pages(huge);
}

static void check_protection(const void *address, const char *protection)
{
	CHECK(!strncmp(strchr(entry_of(address), ' ') + 1, protection, 4));
}

static void check_all(void)
{
	const unsigned char *all[] = { large, small, none, read_only, sparse + SPARSE / 2, huge,
				       malloc(1) };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		CHECK(!is_of_file(all[i]));
	CHECK(is_of_file((const void *)(uintptr_t)check_all)); /* code */
	CHECK_EQUAL(has_huge_pages(huge), has_huge);
	check_content(large, LARGE);
	check_content(small, PAGE);
	check_content(read_only, 2 * PAGE);
	check_content(sparse + SPARSE / 2, PAGE);
	CHECK_EQUAL(sparse[SPARSE / 2 + PAGE], 0);
	check_content(huge, HUGE);
	check_protection(none, "---p");
	check_protection(read_only, "r--p");
	check_protection(large, "rw-p");
	CHECK(strstr(entry_of(sparse), " nr "));
}

/* Operations that need anonymous memory. */
static void use(void)
{
	unsigned char *grown = mremap(large, LARGE, 2 * LARGE, MREMAP_MAYMOVE);

	CHECK(grown != MAP_FAILED);
	check_content(grown, LARGE);
	for (size_t i = LARGE; i < 2 * LARGE; i++)
		CHECK_EQUAL(grown[i], 0);
	CHECK(!mprotect(none, 2 * PAGE, PROT_READ | PROT_WRITE));
	check_content(none, 2 * PAGE);
	CHECK(!madvise(huge, HUGE, MADV_DONTNEED));
	CHECK_EQUAL(huge[HUGE / 2], 0);
}

/* In this state not even /proc/self/exe can be opened. */
static void without_descriptors(void)
{
	const struct rlimit three = { 3, 3 };

	setrlimit(RLIMIT_NOFILE, &three);
}

static bool has_descriptors(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur > 3;
}

int main(void)
{
	const struct unexec_options copy = { .size = sizeof(copy), .memory = UNEXEC_MEMORY_COPY };
	const struct roundtrip plain = { .options = &copy };
	const struct roundtrip without = { .prepare = without_descriptors };
	char *again, *first;

	roundtrip_begin();
	set_up();
	first = roundtrip_path("first");
	again = roundtrip_path("again");
	if (roundtrip_dump(first, &copy) != UNEXEC_RESUMED) {
		CHECK_EQUAL(roundtrip_run(first, &without), 0);
		_exit(roundtrip_run(first, &plain));
	}
	if (!has_descriptors()) { /* the checks need a descriptor */
		check_content(large, LARGE);
		check_content(huge, HUGE);
		return 0;
	}
	check_all();
	if (roundtrip_dump(again, &copy) != UNEXEC_RESUMED)
		_exit(roundtrip_run(again, &plain));
	check_all();
	use();
	return 0;
}
