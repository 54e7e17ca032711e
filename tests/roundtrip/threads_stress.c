/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dumps in a row of a busy process: 200 threads under load, threads that start and end, a
 * thread that forks, one that opens and closes descriptors, a storm of signals. No thread is
 * lost or hangs, in the original or in any dump; some of the dumps are started.
 * UNEXEC_TEST_LONG=1 makes 1000 dumps; otherwise the test makes as many as fit into some
 * seconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "threads.h"

#define WORKERS 200
#define RING (WORKERS / 2)

static volatile int stop;
static pthread_t workers[WORKERS], makers[2], forker, opener;
static sem_t ring[RING];
static volatile long turns[RING], made, forks, opened, alarms, computed;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static long load(const volatile long *number)
{
	return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

static void add(volatile long *number)
{
	__atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST);
}

/* Passes a token to the next thread: if one is lost, all threads stop. */
static void *pass_on(void *argument)
{
	long index = (long)argument;

	while (!stop) {
		while (sem_wait(&ring[index]))
			;
		add(&turns[index]);
		sem_post(&ring[(index + 1) % RING]);
	}
	return NULL;
}

static void compute(void)
{
	static unsigned long sum;
	char *text;

	for (unsigned i = 0; i < 1000; i++)
		__atomic_add_fetch(&sum, i, __ATOMIC_RELAXED);
	if (asprintf(&text, "%lu", sum) < 0)
		abort();
	free(text);
	add(&computed);
}

/* Computes, sleeps, and waits for others. */
static void *load_machine(void *argument)
{
	long index = (long)argument;

	while (!stop) {
		compute();
		if (index % 4 == 0)
			usleep(1000);
		if (index % 4 == 1) {
			struct timespec end = clock_in(CLOCK_REALTIME, 0.01);

			pthread_mutex_lock(&mutex);
			pthread_cond_timedwait(&condition, &mutex, &end);
			pthread_mutex_unlock(&mutex);
		}
		if (index % 4 == 2)
			pthread_cond_broadcast(&condition);
		usleep(2000);
	}
	return NULL;
}

static void *end_at_once(void *unused)
{
	add(&made);
	return unused;
}

/* Half of them are made detached. (pthread_detach() of a thread that is ending may read a stack
 * that is unmapped: glibc 2.36, nptl/pthread_detach.c; it did so once in some hundred runs of
 * this test.) */
static void *make_threads(void *argument)
{
	pthread_attr_t detached;
	pthread_t threads[4];

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	while (!stop) {
		for (int i = 0; i < 4; i++)
			CHECK(!pthread_create(&threads[i], i % 2 ? NULL : &detached, end_at_once,
					      NULL));
		for (int i = 1; i < 4; i += 2)
			CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
		usleep(500);
	}
	return argument;
}

static void *fork_often(void *unused)
{
	while (!stop) {
		pid_t child = fork();
		int status = 0;

		if (child == 0)
			_exit(7);
		CHECK(child > 0);
		/* A child of the original is no child of the dump. */
		if (waitpid(child, &status, 0) == child)
			CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
		add(&forks);
		usleep(3000);
	}
	return unused;
}

static void *open_often(void *path)
{
	while (!stop) {
		int fd = open(path, O_RDONLY | O_CLOEXEC), again = dup(fd);

		CHECK(fd >= 0 && again >= 0);
		/* As with fork, the start of the dump may close these too. */
		close(again);
		close(fd);
		add(&opened);
		usleep(200);
	}
	return NULL;
}

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static void set_timer(long microseconds)
{
	const struct itimerval timer = { { 0, microseconds }, { 0, microseconds } };

	CHECK(!setitimer(ITIMER_REAL, &timer, NULL));
}

static void start_all(void *file)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	pthread_attr_t small;

	sigaction(SIGALRM, &action, NULL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 << 10);
	for (long i = 0; i < WORKERS; i++)
		CHECK(!pthread_create(&workers[i], &small, i < RING ? pass_on : load_machine,
				      (void *)i));
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&makers[i], NULL, make_threads, NULL));
	CHECK(!pthread_create(&forker, NULL, fork_often, NULL));
	CHECK(!pthread_create(&opener, NULL, open_often, file));
	for (int i = 0; i < RING; i += 10)
		sem_post(&ring[i]);
}

/* Waits until `number` has grown. */
static void await(const volatile long *number, long by, const char *what)
{
	long goal = load(number) + by;

	for (int i = 0; load(number) < goal; i++) {
		if (i > 20000)
			fprintf(stderr, "%s makes no progress\n", what);
		CHECK(i <= 20000);
		usleep(1000);
	}
}

static void check_alive(void)
{
	await(&turns[0], 2, "the ring");
	await(&turns[RING - 1], 2, "the ring's end");
	await(&computed, WORKERS, "computing");
	await(&made, 4, "making threads");
	await(&forks, 1, "forking");
	await(&opened, 1, "opening");
	await(&alarms, 1, "the timer");
}

static void end_all(void)
{
	stop = 1;
	for (int i = 0; i < RING; i++)
		sem_post(&ring[i]);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQUAL(pthread_join(workers[i], NULL), 0);
	CHECK_EQUAL(pthread_join(makers[0], NULL), 0);
	CHECK_EQUAL(pthread_join(makers[1], NULL), 0);
	CHECK_EQUAL(pthread_join(forker, NULL), 0);
	CHECK_EQUAL(pthread_join(opener, NULL), 0);
}

int main(void)
{
	bool thorough = getenv("UNEXEC_TEST_LONG") != NULL;
	char *path, *file;
	double start;
	int dumps;

	if (thorough)
		roundtrip_time_limit = 3600;
	roundtrip_begin();
	start = clock_now(CLOCK_MONOTONIC);
	path = roundtrip_path("dump");
	file = roundtrip_path("file");
	fclose(fopen(file, "w"));
	for (int i = 0; i < RING; i++)
		sem_init(&ring[i], 0, 0);
	start_all(file);
	set_timer(1000);
	for (dumps = 0; thorough ? dumps < 1000 : clock_now(CLOCK_MONOTONIC) - start < 8;
	     dumps++) {
		if (roundtrip_dump(path, &keep_threads_only) == UNEXEC_RESUMED) {
			check_alive();
			set_timer(0);
			end_all();
			return 0;
		}
		if (dumps % 10 == 0)
			CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
		check_alive();
	}
	set_timer(0);
	end_all();
	fprintf(stderr, "%d dumps, %.1f s\n", dumps, clock_now(CLOCK_MONOTONIC) - start);
	return 0;
}
