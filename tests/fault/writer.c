/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any system call of the writer may fail, and any allocation: for each kind, each occurrence
 * in turn. Then either there is no dump, which is said, and all is as before; or there is one
 * that is whole. In a process that must be refused, no failure makes the writer overlook why.
 *
 *   writer [KIND…]    all kinds, or these; $FAULT_TRIES for more than some of each
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"
#include "fault.h"

#define TRIES_MAX 500 /* of one kind; beyond that, some occurrences are left out */
#define NO_CALL -1L   /* malloc */

static const struct kind {
	const char *name;
	long call;
	int error;
} kinds[] = {
	{ "openat", SYS_openat, EMFILE },
	{ "read", SYS_read, EIO },
	{ "pread", SYS_pread64, EIO },
	{ "write", SYS_write, ENOSPC },
	{ "pwrite", SYS_pwrite64, ENOSPC },
	{ "lseek", SYS_lseek, EINVAL },
	{ "ftruncate", SYS_ftruncate, ENOSPC },
	{ "fsync", SYS_fsync, EIO },
	{ "linkat", SYS_linkat, EDQUOT },
	{ "rename", SYS_rename, EIO },
	{ "fchmod", SYS_fchmod, EPERM },
	{ "mmap", SYS_mmap, ENOMEM },
	{ "brk", SYS_brk, ENOMEM },
	{ "newfstatat", SYS_newfstatat, EIO },
	{ "getdents", SYS_getdents64, EIO },
	{ "readlinkat", SYS_readlinkat, EIO },
	{ "ioctl", SYS_ioctl, ENOTTY },
	{ "fcntl", SYS_fcntl, EINVAL },
	{ "malloc", NO_CALL, ENOMEM },
};

static struct fault_shared *shared;
static struct unexec_report *report;
static char *directory, *path;
static const char old[] = "the old file";

/* What the dump must have kept. */
static uint64_t *heap;
static const size_t heap_words = 100000;
static char *sparse, *file;
static uint64_t sum;

static uint64_t sum_up(void)
{
	uint64_t result = 0;

	for (size_t i = 0; i < heap_words; i++)
		result = result * 31 + heap[i];
	for (size_t i = 0; i < 1 << 20; i += 4096)
		result = result * 31 + (unsigned char)sparse[i];
	return result * 31 + (unsigned char)file[17];
}

/* Memory of many kinds, so that the writer has something to do. */
static void fill(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	heap = malloc(heap_words * sizeof(*heap));
	for (size_t i = 0; i < heap_words; i++)
		heap[i] = i * 0x9e3779b97f4a7c15;
	sparse = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	for (size_t i = 0; i < 1 << 20; i += 65536)
		sparse[i] = (char)(i >> 16 | 1);
	file = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	file[17] = 'x';
	sum = sum_up();
}

/* ---- One dump --------------------------------------------------------------------------- */

static void write_old(void)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, old, sizeof(old)) == (ssize_t)sizeof(old));
	close(fd);
}

static bool is_old(void)
{
	char text[sizeof(old)] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0 && read(fd, text, sizeof(text)) == (ssize_t)sizeof(text));
	close(fd);
	return !memcmp(text, old, sizeof(old));
}

/* The number of files in the directory. */
static int count_files(void)
{
	DIR *list = opendir(directory);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(list)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(list);
	return count;
}

/* A dump whose writer fails at the nth call of that kind; 0: at none. */
static int dump(const struct kind *kind, uint32_t at)
{
	char *tool = roundtrip_built("tests/fault/fail_call");
	char *library = roundtrip_built("tests/fault/.libs/libfail_malloc.so");
	const struct unexec_options options = { .size = sizeof(options),
						.threads = UNEXEC_THREADS_REFUSE };
	int status;

	*shared = (struct fault_shared){ .at = at, .call = (uint32_t)kind->call,
					 .error = kind->error };
	if (kind->call == NO_CALL)
		setenv("LD_PRELOAD", library, 1);
	else
		setenv("UNEXEC_TOOL", tool, 1);
	status = unexec_dump(path, &options, report);
	unsetenv("LD_PRELOAD");
	setenv("UNEXEC_TOOL", getenv("REAL_TOOL"), 1);
	free(library);
	free(tool);
	return status;
}

__attribute__((noreturn)) static void wrong(const struct kind *kind, uint32_t at,
					    const char *what)
{
	fprintf(stderr, "%s %u fails: %s\n", kind->name, at, what);
	unexec_report_print(report, stderr);
	_exit(1);
}

/* ---- A process that can be dumped ------------------------------------------------------- */

static off_t good_size;

/* Another page or two of the stack may have been touched. libbfd does not always tell that it
 * found no memory: there may be fewer symbols then. */
static bool is_of_size(const struct kind *kind, off_t size)
{
	return kind->call == NO_CALL || llabs(size - good_size) <= 16384;
}

/* Returns in the dump, too. */
static bool check_dump(const struct kind *kind, uint32_t at)
{
	int status;
	struct stat there;

	write_old();
	status = dump(kind, at);
	if (status == UNEXEC_RESUMED)
		return true;
	if (count_files() != 1)
		wrong(kind, at, "files are left beside the target");
	/* Neither seccomp nor preloading (not into a sanitized program) may be possible. */
	if (status < 0 && !at && !shared->skip && (kind->call != NO_CALL || shared->seen))
		wrong(kind, at, "no dump though nothing has failed");
	if (status < 0 && !unexec_report_count(report))
		wrong(kind, at, "nothing is said");
	if (status < 0 && !is_old())
		wrong(kind, at, "the old file is gone");
	if (status == UNEXEC_DUMPED && is_old())
		wrong(kind, at, "nothing was written and nobody says so");
	if (sum_up() != sum)
		wrong(kind, at, "the original is harmed");
	if (status < 0)
		return false;
	if (roundtrip_run(path, &(struct roundtrip){ 0 }) != 42)
		wrong(kind, at, "the dump does not run");
	stat(path, &there);
	if (!at)
		good_size = there.st_size;
	if (!is_of_size(kind, there.st_size) && !unexec_report_count(report))
		wrong(kind, at, "the dump is larger or smaller, and nobody says why");
	return false;
}

/* ---- A process that cannot -------------------------------------------------------------- */

static void *be_there(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

static void check_refusal(const struct kind *kind, uint32_t at)
{
	write_old();
	if (dump(kind, at) >= 0)
		wrong(kind, at, "what must be refused is overlooked");
	if (!unexec_report_count(report) || !is_old() || count_files() != 1)
		wrong(kind, at, "not refused cleanly");
}

/* ---- All of them ------------------------------------------------------------------------ */

/* How many calls of the kind there are when none fails; 0: it cannot be tried. */
static uint32_t count_calls(const struct kind *kind, bool refused)
{
	write_old();
	if (refused) {
		if (dump(kind, 0) >= 0)
			wrong(kind, 0, "what must be refused is dumped");
	} else if (check_dump(kind, 0) || check_dump(kind, 0)) {
		return UINT32_MAX; /* twice: the first makes this process larger */
	}
	if (shared->skip)
		roundtrip_skip("seccomp's notifications are refused here");
	return shared->seen;
}

/* Returns in the dump, too. */
static bool try_kind(const struct kind *kind, bool refused)
{
	uint32_t count = count_calls(kind, refused), step;
	const char *tries = getenv("FAULT_TRIES");

	if (count == UINT32_MAX)
		return true;
	step = count / (tries ? (uint32_t)strtoul(tries, NULL, 10) : TRIES_MAX) + 1;
	for (uint32_t at = 1; at <= count; at += step) {
		if (refused)
			check_refusal(kind, at);
		else if (check_dump(kind, at))
			return true;
	}
	fprintf(stderr, "%s%s: %u, every %u\n", refused ? "refused, " : "", kind->name, count,
		step);
	return false;
}

static bool is_chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

static bool try_all(bool refused, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (is_chosen(kinds[i].name, argc, argv) && try_kind(&kinds[i], refused))
			return true;
	return false;
}

static void set_up(void)
{
	char *common = roundtrip_path("shared");
	int fd = open(common, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && !ftruncate(fd, sizeof(*shared)));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED);
	close(fd);
	setenv(FAULT_SHARED, common, 1);
	free(common);
	setenv("REAL_TOOL", getenv("UNEXEC_TOOL"), 1);
	directory = roundtrip_path("there");
	CHECK(!mkdir(directory, 0700));
	path = roundtrip_path("there/dump");
	report = unexec_report_new();
	CHECK(report);
}

int main(int argc, char **argv)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	pthread_t thread;
	timer_t timer;

	roundtrip_begin();
	set_up();
	fill();
	if (try_all(false, argc, argv))
		return sum_up() == sum ? 42 : 1;
	CHECK(!timer_create(CLOCK_THREAD_CPUTIME_ID, &none, &timer));
	if (try_all(true, argc, argv))
		return 1;
	timer_delete(timer);
	CHECK(!pthread_create(&thread, NULL, be_there, NULL));
	return try_all(true, argc, argv);
}
