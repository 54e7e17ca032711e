/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guard pages (MADV_GUARD_INSTALL) fault in the dump as in the process, and the memory around
 * them keeps its content: at the ends and in the middle of memory with and without content,
 * below the stack of a thread, in a file mapping. This holds in the second generation, with
 * copied memory, and on a kernel that refuses guards.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define PAGES 256
#define GUARD_INSTALL 102 /* since 6.13 */
#define GUARD_REMOVE 103
#define STACK (1 << 20)

static unsigned char *full, *empty, *of_file, *stack;
static pthread_t thread;
static pthread_barrier_t barrier;
static sigjmp_buf fault;
static volatile bool at_end;

static unsigned char *make(void)
{
	unsigned char *made = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(made != MAP_FAILED);
	return made;
}

static int install(void *start, int page, int count)
{
	return madvise((char *)start + page * PAGE, (size_t)count * PAGE, GUARD_INSTALL);
}

static void on_fault(int number)
{
	(void)number;
	siglongjmp(fault, 1);
}

static bool faults(volatile unsigned char *address)
{
	if (sigsetjmp(fault, 1))
		return true;
	(void)*address;
	return false;
}

static void check_full(unsigned char *memory)
{
	for (int i = 0; i < PAGES; i++) {
		bool guard = i == 0 || (i >= 100 && i < 103) || i == PAGES - 1;

		CHECK_EQUAL(faults(memory + i * PAGE), guard);
		CHECK_EQUAL(faults(memory + i * PAGE + PAGE - 1), guard);
		if (!guard)
			CHECK(memory[i * PAGE] == (i & 0xff)
			      && memory[i * PAGE + PAGE - 1] == 'x');
	}
}

static void check_all(void)
{
	struct sigaction old;
	const struct sigaction action = { .sa_handler = on_fault };

	CHECK(!sigaction(SIGSEGV, &action, &old));
	check_full(full);
	for (int i = 0; i < PAGES; i++)
		CHECK_EQUAL(faults(empty + i * PAGE), i == 8);
	CHECK(faults(stack) && !faults(stack + PAGE));
	if (of_file) {
		CHECK(!faults(of_file) && faults(of_file + PAGE) && !faults(of_file + 2 * PAGE));
		CHECK(of_file[0] == 'f' && of_file[2 * PAGE] == 'g');
	}
	CHECK(!sigaction(SIGSEGV, &old, NULL));
}

/* On return, the other thread has left the first wait, and runs in this process. */
static void meet(void)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
}

static void *meet_until_end(void *argument)
{
	bool end;

	do {
		pthread_barrier_wait(&barrier);
		end = at_end;
		pthread_barrier_wait(&barrier);
	} while (!end);
	return argument;
}

static void start_thread(void)
{
	pthread_attr_t attributes;

	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	CHECK(stack != MAP_FAILED && !install(stack, 0, 1));
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack + PAGE, STACK - PAGE);
	pthread_barrier_init(&barrier, NULL, 2);
	CHECK(!pthread_create(&thread, &attributes, meet_until_end, NULL));
	meet();
}

/* Guards in file mappings exist since Linux 6.15. */
static void map_file(void)
{
	int fd = open(roundtrip_path("bytes"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(pwrite(fd, "f", 1, 0) == 1 && pwrite(fd, "g", 1, 2L * PAGE) == 1);
	of_file = mmap(NULL, 3L * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(of_file != MAP_FAILED);
	close(fd);
	if (install(of_file, 1, 1)) {
		munmap(of_file, 3L * PAGE);
		of_file = NULL;
	}
}

static void set_up(void)
{
	full = make();
	empty = make();
	for (int i = 0; i < PAGES; i++) {
		memset(full + i * PAGE, 'x', PAGE);
		full[i * PAGE] = (unsigned char)i;
	}
	if (install(full, 0, 1))
		roundtrip_skip("this kernel has no guards");
	CHECK(!install(full, 100, 3) && !install(full, PAGES - 1, 1) && !install(empty, 8, 1));
	start_thread();
	map_file();
}

static const char *const *through_refusal(void)
{
	static const char *words[3];

	words[0] = roundtrip_built("tests/lib/seccomp_exec");
	words[1] = "no_guards";
	return words;
}

int main(void)
{
	const struct unexec_options copy = { .size = sizeof(copy), .memory = UNEXEC_MEMORY_COPY };
	const struct unexec_options *const options[] = { NULL, &copy };
	const struct roundtrip plain = { 0 };
	struct roundtrip refused = { 0 };
	char *first, *again;

	roundtrip_begin();
	set_up();
	first = roundtrip_path("first");
	again = roundtrip_path("again");
	refused.through = through_refusal();
	for (int i = 0; i < 2; i++) {
		if (roundtrip_dump(first, options[i]) == UNEXEC_RESUMED)
			goto resumed;
		CHECK_EQUAL(roundtrip_run(first, &plain), 0);
		CHECK_EQUAL(roundtrip_run(first, &refused), 0);
	}
	_exit(0);
resumed:
	meet();
	check_all();
	if (prctl(PR_GET_SECCOMP) > 0) /* a kernel that refuses guards */
		return 0;
	if (roundtrip_dump(again, NULL) != UNEXEC_RESUMED)
		_exit(roundtrip_run(again, &plain));
	check_all();
	at_end = true;
	meet();
	CHECK(!pthread_join(thread, NULL));
	if (!madvise(full, PAGE, GUARD_REMOVE))
		CHECK_EQUAL(full[0], 0);
	return 0;
}
