/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The content of a shared-memory object is in the dump, whichever process has written it. Its
 * mappings still share one object, and its holes remain holes, in the original too. This holds
 * for two generations.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE ((size_t)4096)
#define LARGE ((size_t)3 << 30)

static char *untouched, *none, *sparse, *whole, *part, *again, *first, *second, *shorter;

static void *map(size_t length, int prot, int flags, int fd, off_t offset)
{
	void *memory = mmap(NULL, length, prot, MAP_SHARED | flags, fd, offset);

	CHECK(memory != MAP_FAILED);
	return memory;
}

/* Runs it in a child. Returns the child's exit status, or 128 + the signal. */
static int in_child(void (*function)(void))
{
	pid_t pid = fork();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		function();
		_exit(0);
	}
	return roundtrip_wait(pid);
}

static void write_untouched(void)
{
	strcpy(untouched + 5 * PAGE, "by another process");
	CHECK(!mprotect(none, PAGE, PROT_READ | PROT_WRITE));
	strcpy(none, "behind no protection");
}

static void read_behind_end(void)
{
	_exit(shorter[2 * PAGE]);
}

/* Maps a file that is shorter than the mapping, and deletes it. */
static void map_deleted(void)
{
	char *path = roundtrip_path("deleted");
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	CHECK(!ftruncate(fd, PAGE + 100));
	shorter = map(3 * PAGE, PROT_READ | PROT_WRITE, 0, fd, 0);
	strcpy(shorter + PAGE, "deleted");
	close(fd);
	CHECK(!unlink(path));
	free(path);
}

static void set_up(void)
{
	const int both = PROT_READ | PROT_WRITE, anonymous = MAP_ANONYMOUS;
	int fd = memfd_create("two views", MFD_CLOEXEC);

	untouched = map(16 * PAGE, both, anonymous, -1, 0);
	none = map(PAGE, PROT_NONE, anonymous, -1, 0);
	CHECK_EQUAL(in_child(write_untouched), 0);
	sparse = map(LARGE, both, anonymous | MAP_NORESERVE, -1, 0);
	sparse[LARGE / 2] = 5;
	/* Map the last four of eight pages again, and again a page in the middle of those. */
	whole = map(8 * PAGE, both, anonymous, -1, 0);
	part = mremap(whole + 4 * PAGE, 0, 4 * PAGE, MREMAP_MAYMOVE);
	again = mremap(part + 2 * PAGE, 0, PAGE, MREMAP_MAYMOVE);
	CHECK(part != MAP_FAILED && again != MAP_FAILED);
	CHECK(!ftruncate(fd, 16 * PAGE));
	first = map(8 * PAGE, both, 0, fd, 0);
	second = map(8 * PAGE, PROT_READ, 0, fd, 4 * PAGE);
	close(fd);
	map_deleted();
}

static size_t count_resident(void)
{
	static unsigned char pages[LARGE / PAGE];
	size_t count = 0;

	CHECK(!mincore(sparse, LARGE, pages));
	for (size_t i = 0; i < LARGE / PAGE; i++)
		count += pages[i] & 1;
	return count;
}

static void write_texts(const char *text)
{
	strcpy(part + PAGE, text);
	strcpy(again + 100, text);
	strcpy(first + 5 * PAGE, text);
}

static void check_texts(const char *text)
{
	CHECK_STRING(whole + 5 * PAGE, text);
	CHECK_STRING(whole + 6 * PAGE + 100, text);
	CHECK_STRING(part + 2 * PAGE + 100, text);
	CHECK_STRING(second + PAGE, text);
}

static void check_memory(size_t resident, const char *text)
{
	CHECK_STRING(untouched + 5 * PAGE, "by another process");
	CHECK(!mprotect(none, PAGE, PROT_READ));
	CHECK_STRING(none, "behind no protection");
	CHECK(!mprotect(none, PAGE, PROT_NONE));
	CHECK_EQUAL(sparse[LARGE / 2], 5);
	/* Pages that are close are filled together, and the system may choose huge pages. */
	CHECK(count_resident() <= resident + 1024);
	check_texts(text);
	CHECK_STRING(shorter + PAGE, "deleted");
	CHECK_EQUAL(in_child(read_behind_end), 128 + SIGBUS);
}

static void cut(size_t resident)
{
	char *path = roundtrip_path("dump");

	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		return;
	CHECK_EQUAL(count_resident(), resident);
	write_texts("later");
	check_texts("later");
	_exit(roundtrip_run(path, &(struct roundtrip){ 0 }));
}

int main(void)
{
	size_t resident;

	roundtrip_begin();
	set_up();
	write_texts("before");
	resident = count_resident();
	cut(resident);
	check_memory(resident, "before");
	write_texts("in the dump");
	check_texts("in the dump");
	cut(count_resident());
	check_memory(resident, "in the dump");
	write_texts("at last");
	check_texts("at last");
	return 0;
}
