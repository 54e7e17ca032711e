/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Anonymous memory that is returned to the kernel reads as zero afterwards, in the dump as in
 * the process; other memory keeps its content; file mappings get the file's content. The same
 * in the second generation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define PAGES 64

static unsigned char *memory, *other, *of_file, *read_only, *half, *flags, *calls;

static unsigned char *make(int prot)
{
	unsigned char *made = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(made != MAP_FAILED);
	memset(made, 'x', PAGES * PAGE);
	CHECK(!mprotect(made, PAGES * PAGE, prot));
	return made;
}

/* True if every byte of the pages is `byte`. */
static int have(const unsigned char *start, int first, int count, int byte)
{
	for (int i = first * PAGE; i < (first + count) * PAGE; i++)
		if (start[i] != byte)
			return 0;
	return 1;
}

static int give_back(unsigned char *start, int first, int count, int advice)
{
	return madvise(start + first * PAGE, (size_t)count * PAGE, advice) ? errno : 0;
}

/* Does the same with madvise(2) or process_madvise(2). */
static int give_back_by(long number, unsigned char *start, int first, int count, int advice)
{
	struct iovec range = { start + first * PAGE, (size_t)count * PAGE };
	int self;
	long done;

	if (number == SYS_madvise)
		return syscall(number, range.iov_base, range.iov_len, advice) ? errno : 0;
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	done = syscall(number, self, &range, 1, advice, 0);
	close(self);
	return done < 0 ? errno : done != count * PAGE;
}

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

static int is_absent(unsigned char *start, int page)
{
	unsigned char byte;

	return mincore(start + page * PAGE, PAGE, &byte) == -1 && errno == ENOMEM;
}

/* Checks advice that the kernel refuses for file mappings, and advice that would be lost with a
 * part that is discarded later. */
static void check_flags(unsigned char *start)
{
	unsigned char *guard = start + 40 * PAGE;
	pid_t child;
	int failed;

	CHECK_EQUAL(give_back(start, 0, 4, MADV_WIPEONFORK), 0);
	CHECK_EQUAL(give_back(start, 4, 4, MADV_DONTFORK), 0);
	CHECK(have(start, 0, 8, 'x'));
	CHECK_EQUAL(give_back(start, 5, 1, MADV_DONTNEED), 0);
	child = fork();
	if (!child)
		_exit(!have(start, 0, 4, 0) || !is_absent(start, 4) || !is_absent(start, 5)
		      || !is_absent(start, 7) || !have(start, 8, 2, 'x'));
	CHECK_EQUAL(roundtrip_wait(child), 0);
	CHECK(have(start, 0, 5, 'x') && have(start, 5, 1, 0) && have(start, 6, 2, 'x'));
	failed = give_back(guard, 0, 1, MADV_REMOVE);
	CHECK_EQUAL(failed, EINVAL);
	failed = give_back(guard, 0, 1, MADV_GUARD_INSTALL);
	if (failed == EINVAL)
		return; /* before 6.13 */
	CHECK_EQUAL(failed, 0);
	CHECK_EQUAL(write(1, guard, 1), -1);
	CHECK_EQUAL(give_back(guard, 0, 1, MADV_GUARD_REMOVE), 0);
	CHECK(have(guard, 0, 1, 0) && have(guard, 1, 1, 'x'));
}

/* Checks system calls that do not go through libc's madvise(). */
static void check_other_calls(unsigned char *start)
{
	int failed;

	CHECK_EQUAL(give_back_by(SYS_madvise, start, 0, 2, MADV_DONTNEED), 0);
	CHECK(have(start, 0, 2, 0) && have(start, 2, 2, 'x'));
	failed = give_back_by(SYS_process_madvise, start, 2, 2, MADV_DONTNEED);
	/* Before 6.13 the call does not accept this advice, even for the calling process. */
	CHECK(failed ? failed == EINVAL || failed == ENOSYS || failed == EPERM
		     : have(start, 2, 2, 0));
	CHECK(have(start, 4, PAGES - 4, 'x'));
}

static void check_pages(void)
{
	CHECK(have(memory, 0, PAGES, 'x'));
	CHECK_EQUAL(give_back(memory, 4, 8, MADV_DONTNEED), 0);
	CHECK(have(memory, 0, 4, 'x') && have(memory, 4, 8, 0) && have(memory, 12, 52, 'x'));
	memset(memory + 4 * PAGE, 'y', 8 * PAGE);
	CHECK(have(memory, 4, 8, 'y'));
	/* The range covers memory that is already anonymous and memory that is not yet. */
	CHECK_EQUAL(give_back(memory, 8, 8, MADV_DONTNEED), 0);
	CHECK(have(memory, 4, 4, 'y') && have(memory, 8, 8, 0) && have(memory, 16, 48, 'x'));
	/* The kernel frees lazily: the old content or zero is right, nothing else. */
	CHECK_EQUAL(give_back(memory, 0, 4, MADV_FREE), 0);
	CHECK(have(memory, 0, 4, 'x') || have(memory, 0, 4, 0));
	CHECK_EQUAL(give_back(memory, 0, PAGES, MADV_DONTNEED), 0);
	CHECK(have(memory, 0, PAGES, 0));
	/* Other advice, and wrong arguments. */
	CHECK_EQUAL(give_back(memory, 0, PAGES, MADV_WILLNEED), 0);
	CHECK_EQUAL(give_back(memory + 1, 0, 1, MADV_DONTNEED), EINVAL);
	CHECK_EQUAL(give_back(memory, 0, 1, 9999), EINVAL);
	CHECK_EQUAL(give_back(other, 0, 0, MADV_DONTNEED), 0);
	CHECK(have(other, 0, PAGES, 'x'));
	/* With a hole in the range, the mapped pages are returned nevertheless. */
	CHECK(!munmap(other + 8 * PAGE, PAGE));
	CHECK_EQUAL(give_back(other, 4, 8, MADV_DONTNEED), ENOMEM);
	CHECK(have(other, 0, 4, 'x') && have(other, 4, 4, 0) && have(other, 9, 3, 0)
	      && have(other, 12, 52, 'x'));
}

static void check_protection(void)
{
	CHECK_EQUAL(give_back(read_only, 1, 2, MADV_DONTNEED), 0);
	CHECK(have(read_only, 0, 1, 'x') && have(read_only, 1, 2, 0));
	errno = 0;
	CHECK_EQUAL(read(open("/dev/zero", O_RDONLY | O_CLOEXEC), read_only + PAGE, 1), -1);
	CHECK_EQUAL(errno, EFAULT);
}

/* Memory of the dump that is replaced by a file mapping gets the file's bytes back. */
static void check_file(void)
{
	int fd = open(roundtrip_path("bytes"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char page[PAGE];

	memset(page, 'f', PAGE);
	CHECK_EQUAL(write(fd, page, PAGE), PAGE);
	CHECK(mmap(of_file, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0)
	      == of_file);
	memset(of_file, 'w', PAGE);
	CHECK_EQUAL(give_back(of_file, 0, 2, MADV_DONTNEED), 0);
	CHECK(have(of_file, 0, 1, 'f') && have(of_file, 1, 1, 0) && have(of_file, 2, 62, 'x'));
	close(fd);
}

/* /proc/self/maps cannot be opened. */
static void check_without_files(void)
{
	const struct rlimit none = { 0, 0 };
	unsigned char *shared;
	int fd = memfd_create("shared", MFD_CLOEXEC);

	CHECK(!ftruncate(fd, PAGE));
	shared = mmap(of_file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	CHECK(shared == of_file);
	memset(shared, 's', PAGE);
	CHECK(!setrlimit(RLIMIT_NOFILE, &none));
	check_pages();
	CHECK_EQUAL(give_back(of_file, 0, 2, MADV_DONTNEED), 0);
	CHECK(have(of_file, 0, 1, 's') && have(of_file, 1, 1, 0) && have(of_file, 2, 62, 'x'));
	CHECK_EQUAL(give_back(read_only, 1, 2, MADV_DONTNEED), EAGAIN);
}

int main(void)
{
	char *again;

	roundtrip_begin();
	memory = make(PROT_READ | PROT_WRITE);
	other = make(PROT_READ | PROT_WRITE);
	of_file = make(PROT_READ | PROT_WRITE);
	read_only = make(PROT_READ);
	half = make(PROT_READ | PROT_WRITE);
	flags = make(PROT_READ | PROT_WRITE);
	calls = make(PROT_READ | PROT_WRITE);
	roundtrip_cut();
	check_flags(flags);
	check_other_calls(calls);
	flags = make(PROT_READ | PROT_WRITE);
	calls = make(PROT_READ | PROT_WRITE);
	CHECK_EQUAL(give_back(half, 0, 32, MADV_DONTNEED), 0);
	memset(half, 'h', 16 * PAGE);
	memory = make(PROT_READ | PROT_WRITE);
	again = roundtrip_path("again");
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED) {
		CHECK_EQUAL(roundtrip_run(again, &(struct roundtrip){ 0 }), 0);
		setenv("NO_FILES", "", 1);
		CHECK_EQUAL(roundtrip_run(again, &(struct roundtrip){ 0 }), 0);
		return 0;
	}
	CHECK(have(half, 0, 16, 'h') && have(half, 16, 16, 0) && have(half, 32, 32, 'x'));
	CHECK_EQUAL(give_back(half, 8, 32, MADV_DONTNEED), 0);
	CHECK(have(half, 0, 8, 'h') && have(half, 8, 32, 0) && have(half, 40, 24, 'x'));
	if (getenv("NO_FILES")) {
		check_without_files();
	} else {
		check_pages();
		check_protection();
		check_file();
		check_flags(flags);
		check_other_calls(calls);
	}
	return 0;
}
