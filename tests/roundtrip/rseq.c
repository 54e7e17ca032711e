/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restartable sequences are registered again: on each processor that the thread is bound to,
 * sched_getcpu and the rseq area have its number.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

#include "../lib/roundtrip.h"

static void check_here(unsigned int expected)
{
	CHECK_EQUAL(sched_getcpu(), expected);
#ifdef RSEQ_SIG
	/* The kernel writes the area on return from a system call, so read it after one. */
	if (__rseq_size) {
		volatile struct rseq *area =
			(void *)((char *)__builtin_thread_pointer() + __rseq_offset);

		CHECK_EQUAL(area->cpu_id, expected);
		CHECK_EQUAL(area->cpu_id_start, expected);
	}
#endif
}

static void check_all(const cpu_set_t *allowed)
{
	cpu_set_t one;

	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK(!sched_setaffinity(0, sizeof(one), &one));
		check_here(cpu);
	}
}

int main(void)
{
	cpu_set_t allowed;

	roundtrip_begin();
	CHECK(!sched_getaffinity(0, sizeof(allowed), &allowed));
	if (CPU_COUNT(&allowed) < 2)
		roundtrip_skip("one processor shows nothing");
	check_all(&allowed);
	CHECK(!sched_setaffinity(0, sizeof(allowed), &allowed));
	roundtrip_cut();
	for (int i = 0; i < 5; i++)
		check_all(&allowed);
#ifdef RSEQ_SIG
	/* A refused second registration shows that the area is registered. */
	if (__rseq_size) {
		static char other[64] __attribute__((aligned(32)));

		CHECK(syscall(SYS_rseq, other, 32, 0, RSEQ_SIG) != 0);
	}
#endif
	return 0;
}
