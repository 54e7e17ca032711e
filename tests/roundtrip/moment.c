/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dump has the state at the moment of the call, although signal handlers of the original
 * and other processes change private and shared memory while it is written.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define PAGES 8192

static volatile int stamp;
static volatile char *private, *shared;
static volatile int *flag; /* written by the other process */

/* Marks every page; runs often during the dump. */
static void handler(int number)
{
	int saved = ++stamp;

	(void)number;
	for (int i = 0; i < PAGES; i++) {
		*(volatile int *)(private + i * PAGE) = saved;
		*(volatile int *)(shared + i * PAGE) = saved;
	}
}

static pid_t start_disturber(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		for (;;) {
			usleep(2000);
			flag[0]++;
			if (kill(parent, SIGUSR1))
				_exit(0);
		}
	}
	return pid;
}

int main(void)
{
	const struct unexec_options options = { .size = sizeof(options),
						.children = UNEXEC_CHILDREN_IGNORE };
	int before, flag_before, status;
	pid_t disturber;
	char *dump;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	private = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	flag = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(private != MAP_FAILED && shared != MAP_FAILED && flag != MAP_FAILED);
	handler(0);
	signal(SIGUSR1, handler);
	disturber = start_disturber();
	while (stamp < 5)
		usleep(1000);
	before = stamp;
	flag_before = flag[0];
	status = roundtrip_dump(dump, &options);
	if (status == UNEXEC_DUMPED) {
		while (stamp < before + 5)
			usleep(1000);
		CHECK_EQUAL(unexec_generation(), 0);
		kill(disturber, SIGKILL);
		CHECK(waitpid(disturber, NULL, 0) == disturber);
		_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
	}
	CHECK(stamp >= before);
	for (int i = 0; i < PAGES; i++) {
		CHECK_EQUAL(*(volatile int *)(private + i * PAGE), stamp);
		CHECK_EQUAL(*(volatile int *)(shared + i * PAGE), stamp);
	}
	CHECK(flag[0] >= flag_before && flag[0] < flag_before + 1000);
	return 0;
}
