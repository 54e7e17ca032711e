/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread with almost no room on its stack but with an alternate signal stack, as in language
 * runtimes, is parked on the alternate stack.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>

#include "threads.h"

#if defined(__x86_64__)
static char alternate[32768];
static volatile int running, stop;

/* Spins with 256 bytes of stack. */
static void *spin(void *stack)
{
	stack_t other = { .ss_sp = alternate, .ss_size = sizeof(alternate) };

	CHECK(!sigaltstack(&other, NULL));
	running = 1;
	__asm__ volatile("mov %%rsp, %%r12\n"
			 "mov %[stack], %%rsp\n"
			 "1: pause\n"
			 "cmpl $0, (%[stop])\n"
			 "je 1b\n"
			 "mov %%r12, %%rsp\n"
			 : : [stack] "r"(stack), [stop] "r"(&stop) : "r12", "memory", "cc");
	CHECK(!sigaltstack(NULL, &other));
	CHECK(other.ss_sp == alternate && other.ss_flags == 0);
	return stack;
}

int main(void)
{
	struct thread thread;
	char *guard, *stack;

	roundtrip_begin();
	guard = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(guard != MAP_FAILED);
	CHECK(!mprotect(guard + 4096, 4096, PROT_READ | PROT_WRITE));
	stack = guard + 4096 + 256;
	thread_start(&thread, spin, stack);
	while (!running)
		usleep(1000);
	usleep(10000);
	cut_with_threads();
	usleep(10000);
	stop = 1;
	CHECK(thread_join(&thread) == stack);
	return 0;
}
#else
int main(void)
{
	roundtrip_skip("written for another machine");
}
#endif
