/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that uses every signal that libc leaves to it loses none of them to parking, in the
 * original and in the dump.
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <signal.h>

#include "threads.h"

#define THREADS 3

static volatile int counts[65];
static sem_t done;
static struct thread threads[THREADS];
static volatile int stop;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code != SI_QUEUE)
		return; /* the child that runs the dump has ended */
	CHECK_EQUAL(info->si_value.sival_int, number);
	__atomic_add_fetch(&counts[number], 1, __ATOMIC_SEQ_CST);
	sem_post(&done);
}

static void *run(void *unused)
{
	while (!stop)
		pause();
	return unused;
}

static int each(void (*visit)(int))
{
	int count = 0;

	for (int number = 1; number <= SIGRTMAX; number++)
		if (number != SIGKILL && number != SIGSTOP && (number < 32 || number >= SIGRTMIN)) {
			visit(number);
			count++;
		}
	return count;
}

static void install(int number)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	CHECK(!sigaction(number, &action, NULL));
}

static void send(int number)
{
	CHECK(!sigqueue(getpid(), number, (union sigval){ .sival_int = number }));
}

static void use_all(int before)
{
	int count = each(send);

	for (int i = 0; i < count; i++)
		while (sem_wait(&done))
			;
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		CHECK_EQUAL(counts[number], before + 1);
}

int main(void)
{
	char *path;

	roundtrip_begin();
	sem_init(&done, 0, 0);
	each(install);
	for (int i = 0; i < THREADS; i++)
		thread_start_sleeper(&threads[i], run, NULL);
	use_all(0);
	path = roundtrip_path("dump");
	if (roundtrip_dump(path, &keep_all) == UNEXEC_DUMPED) {
		use_all(1);
		return roundtrip_run(path, &(struct roundtrip){ 0 });
	}
	use_all(1);
	stop = 1;
	for (int i = 0; i < THREADS; i++) {
		while (pthread_tryjoin_np(threads[i].id, NULL)) {
			pthread_sigqueue(threads[i].id, SIGUSR1,
					 (union sigval){ .sival_int = SIGUSR1 });
			usleep(1000);
		}
	}
	return 0;
}
