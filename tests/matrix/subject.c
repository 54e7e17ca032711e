/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Some of everything that a start must bring back, to be dumped and started in any place:
 * subject FILE [high|deep|open PATH]. "high": a descriptor of number 200; "deep": 3 MB of the
 * stack are in use; "open": this file is open for writing, at 3.
 *
 * The dump says "well", its first argument and how many there are, to standard output or to
 * the file that ANSWER names; exits 3 where it gets no memory.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

#define CHECK(condition) \
	((condition) ? (void)0 : wrong(#condition, __LINE__))

struct node {
	struct node *next;
	size_t number;
};

static struct node *list;
static pthread_mutex_t by_main, by_other, gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static int is_open, has_locked;
static pthread_t other;
static int ends[2], event, events, memory;
static _Thread_local int own = 17;
static sigset_t mask;
static bool ignored; /* SIGPIPE was ignored from the beginning */

__attribute__((noreturn)) static void wrong(const char *what, int line)
{
	fprintf(stderr, "subject.c:%d: check failed: %s (%s)\n", line, what, strerror(errno));
	_exit(4);
}

static void *get(size_t size)
{
	void *got = malloc(size);

	if (!got) {
		fprintf(stderr, "subject: no memory\n");
		_exit(3);
	}
	return got;
}

/* Uses that much of the stack. */
#define USE_STACK(size) \
	for (volatile char *at = (volatile char *)alloca(size) + (size) - 1, \
			   *end = at - (size); at > end; at -= 1024) \
		*at = 1

/* ---- Before ------------------------------------------------------------------------------ */

static void make_lock(pthread_mutex_t *lock, int type)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutex_init(lock, &attributes);
}

/* The thread's own lock knows it as its owner, before the dump and after. */
static void *wait_inside(void *argument)
{
	int *number = argument;

	CHECK(!pthread_mutex_lock(&by_other));
	own += *number;
	pthread_mutex_lock(&gate);
	has_locked = 1;
	pthread_cond_broadcast(&opened);
	while (!is_open)
		pthread_cond_wait(&opened, &gate);
	pthread_mutex_unlock(&gate);
	CHECK(own == 17 + *number);
	CHECK(!pthread_mutex_lock(&by_other)); /* again: it is recursive */
	CHECK(!pthread_mutex_unlock(&by_other) && !pthread_mutex_unlock(&by_other));
	CHECK(pthread_mutex_unlock(&by_other) == EPERM);
	return argument;
}

static void begin(void)
{
	static int number = 4;
	struct sigaction action;
	struct epoll_event wanted = { .events = EPOLLIN, .data = { .u32 = 99 } };

	for (size_t i = 0; i < 10000; i++) {
		struct node *node = get(sizeof(*node));

		*node = (struct node){ list, i };
		list = node;
	}
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &mask) && !sigaction(SIGPIPE, NULL, &action));
	ignored = action.sa_handler == SIG_IGN;
	make_lock(&by_main, PTHREAD_MUTEX_ERRORCHECK);
	make_lock(&by_other, PTHREAD_MUTEX_RECURSIVE);
	CHECK(!pthread_mutex_lock(&by_main));
	CHECK(!pthread_create(&other, NULL, wait_inside, &number));
	pthread_mutex_lock(&gate);
	while (!has_locked)
		pthread_cond_wait(&opened, &gate);
	pthread_mutex_unlock(&gate);
	CHECK(!pipe2(ends, O_CLOEXEC) && write(ends[1], "in the pipe", 12) == 12);
	CHECK((event = eventfd(5, 0)) >= 0 && (events = epoll_create1(0)) >= 0);
	CHECK(!epoll_ctl(events, EPOLL_CTL_ADD, event, &wanted));
	CHECK((memory = memfd_create("subject", 0)) >= 0 && write(memory, "memory", 6) == 6);
}

/* ---- In the dump ------------------------------------------------------------------------- */

static void check_descriptors(void)
{
	struct epoll_event got;
	char text[16] = "";
	uint64_t count;

	CHECK(read(ends[0], text, sizeof(text)) == 12 && !strcmp(text, "in the pipe"));
	CHECK(epoll_wait(events, &got, 1, 0) == 1 && got.data.u32 == 99);
	CHECK(read(event, &count, sizeof(count)) == sizeof(count) && count == 5);
	CHECK(pread(memory, text, 6, 0) == 6 && !memcmp(text, "memory", 6));
}

/* Blocked and ignored signals are as before. Those that this process inherited are ignored, too. */
static void check_signals(void)
{
	struct sigaction action;
	sigset_t now;

	CHECK(!sigprocmask(SIG_SETMASK, NULL, &now) && !sigaction(SIGPIPE, NULL, &action));
	for (int number = 1; number < 32; number++)
		CHECK(sigismember(&now, number) == sigismember(&mask, number));
	CHECK((action.sa_handler == SIG_IGN) == (ignored || getenv("IGNORED")));
}

static void check_heap(void)
{
	size_t count = 0;

	for (struct node *node = list, *next; node; node = next) {
		CHECK(node->number == 9999 - count);
		count++;
		next = node->next;
		free(node);
	}
	CHECK(count == 10000);
	for (size_t size = 16; size <= 4 << 20; size *= 4) {
		char *block = get(size);

		memset(block, 7, size);
		free(block);
	}
}

static void *new_thread(void *argument)
{
	CHECK(own == 17);
	CHECK(!pthread_mutex_lock(&gate) && !pthread_mutex_unlock(&gate));
	return argument;
}

static void check_threads(void)
{
	void *result;
	pthread_t fresh;
	int failed;

	CHECK(gettid() == getpid());
	CHECK(pthread_mutex_lock(&by_main) == EDEADLK && !pthread_mutex_unlock(&by_main));
	CHECK(!pthread_mutex_lock(&by_main) && !pthread_mutex_unlock(&by_main));
	pthread_mutex_lock(&gate);
	is_open = 1;
	pthread_cond_broadcast(&opened);
	pthread_mutex_unlock(&gate);
	CHECK(!pthread_join(other, &result) && *(int *)result == 4);
	failed = pthread_create(&fresh, NULL, new_thread, &own);
	if (failed == EAGAIN)
		_exit(3);
	CHECK(!failed && !pthread_join(fresh, &result) && result == &own);
}

static void say(int argc, char **argv)
{
	const char *answer = getenv("ANSWER");
	FILE *stream = answer ? fopen(answer, "w") : stdout;

	CHECK(stream);
	CHECK(fprintf(stream, "well %s %d\n", argc > 1 ? argv[1] : "", argc) > 0);
	CHECK(!fclose(stream));
}

static void go_on(void)
{
	struct timespec now;
	int argc;
	char **argv;

	USE_STACK(256 << 10);
	unexec_arguments(&argc, &argv, NULL);
	CHECK(!clock_gettime(CLOCK_REALTIME, &now) && now.tv_sec > 1000000000);
	check_heap();
	check_threads();
	check_descriptors();
	check_signals();
	say(argc, argv);
}

/* ------------------------------------------------------------------------------------------ */

static int dump(const char *path)
{
	int status = unexec_dump(path, NULL, NULL);

	if (status == UNEXEC_RESUMED)
		go_on();
	return status < 0;
}

int main(int argc, char **argv)
{
	const char *form = argc > 2 ? argv[2] : "";

	if (argc < 2)
		return 2;
	if (!strcmp(form, "open") && argc > 3)
		CHECK(open(argv[3], O_RDWR | O_CREAT, 0600) >= 0);
	begin();
	if (!strcmp(form, "high"))
		CHECK(fcntl(event, F_DUPFD, 200) >= 200);
	if (!strcmp(form, "deep"))
		USE_STACK(3 << 20);
	return dump(argv[1]);
}
