/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that faults.c dumps: it has state of most kinds (memory, threads, descriptors,
 * signals, timers) and checks that it is preserved.
 *
 *   subject dump FILE         dumps itself, prints the result and continues: status 0, or 3
 *                             without a dump; in the dump 42
 *   subject dump FILE REASON  must be refused: it has a timer, a thread, or a descriptor of
 *                             another process
 *   subject serve             checks itself at each byte of standard input; 42 at its end
 *
 * Prints "right" for each successful check of its state; ends with status 1 if one fails.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

#include "fault.h"

#define THREADS 2
#define HEAP_WORDS 20000
#define SHARED_SIZE 65536
#define FILE_OFFSET 7
#define SECRET_SIZE 20000

static struct fault_shared *shared;
static uint64_t *heap;
static char *anonymous, *memory, *secret;
static int pipe_ends[2], pair[2], event, epoll, clock_fd, signals, watcher, memfd, file, twice, deleted;
static timer_t timer;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned asked, answered;
static volatile sig_atomic_t taken;
static sigset_t mask;
static unsigned long descriptors;

#define CHECK(condition) ((condition) ? (void)0 : wrong(__LINE__, #condition))

__attribute__((noreturn)) static void wrong(int line, const char *what)
{
	fprintf(stderr, "subject.c:%d: check failed%s: %s (%s)\n", line,
		unexec_generation() ? " in the dump" : "", what, strerror(errno));
	fflush(NULL);
	_exit(1);
}

static void take(int number)
{
	taken = number;
}

/* ---- Threads ------------------------------------------------------------------------------ */

static void *answer(void *argument)
{
	unsigned seen = 0;

	pthread_mutex_lock(&lock);
	for (;;) {
		while (asked == seen)
			pthread_cond_wait(&changed, &lock);
		seen = asked;
		answered++;
		pthread_cond_broadcast(&changed);
	}
	return argument;
}

static void check_threads(void)
{
	pthread_mutex_lock(&lock);
	answered = 0;
	asked++;
	pthread_cond_broadcast(&changed);
	while (answered != THREADS)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

/* ---- Everything --------------------------------------------------------------------------- */

/* One bit for each open descriptor. */
static unsigned long list_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	unsigned long set = 0;
	struct dirent *entry;

	CHECK(list);
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(list))
			set |= 1UL << atoi(entry->d_name);
	closedir(list);
	return set;
}

static void make_memory(void)
{
	heap = malloc(HEAP_WORDS * sizeof(*heap));
	for (size_t i = 0; i < HEAP_WORDS; i++)
		heap[i] = i * 0x9e3779b97f4a7c15;
	anonymous = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	strcpy(anonymous, "shared");
	secret = malloc(SECRET_SIZE);
	memset(secret, 's', SECRET_SIZE);
	CHECK(!unexec_exclude(secret, SECRET_SIZE));
	memfd = memfd_create("subject", MFD_CLOEXEC);
	CHECK(!ftruncate(memfd, SHARED_SIZE));
	memory = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	strcpy(memory, "memfd");
}

static void make_descriptors(void)
{
	const struct itimerspec day = { .it_value.tv_sec = 86400 };
	struct epoll_event wanted = { .events = EPOLLIN };

	CHECK(!pipe(pipe_ends) && write(pipe_ends[1], "in the pipe", 11) == 11);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair) && write(pair[0], "pair", 4) == 4);
	event = eventfd(4711, EFD_SEMAPHORE);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted));
	clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	CHECK(!timerfd_settime(clock_fd, 0, &day, NULL));
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	watcher = inotify_init1(IN_NONBLOCK);
	CHECK(inotify_add_watch(watcher, "/", IN_ATTRIB) > 0);
	file = open("/proc/self/exe", O_RDONLY);
	CHECK(lseek(file, FILE_OFFSET, SEEK_SET) == FILE_OFFSET);
	twice = dup(file);
	CHECK(twice > 0);
	deleted = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	CHECK(write(deleted, "deleted", 7) == 7);
}

static void make_signals(void)
{
	struct sigevent silent = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	const struct itimerspec day = { .it_value.tv_sec = 86400 };
	struct sigaction action = { .sa_handler = take, .sa_flags = SA_ONSTACK | SA_RESTART };
	static char altstack[65536];
	stack_t stack = { .ss_sp = altstack, .ss_size = sizeof(altstack) };

	CHECK(!sigaltstack(&stack, NULL) && !sigaction(SIGUSR1, &action, NULL));
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	raise(SIGUSR2); /* waits */
	CHECK(!timer_create(CLOCK_MONOTONIC, &silent, &timer));
	CHECK(!timer_settime(timer, 0, &day, NULL));
}

static void set_up(void)
{
	const char *path = getenv(FAULT_SHARED);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED);
	close(fd);
	make_memory();
	make_signals();
	make_descriptors();
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		CHECK(!pthread_create(&thread, NULL, answer, NULL));
	}
	check_threads();
	descriptors = list_descriptors();
}

/* ---- Checks ------------------------------------------------------------------------------- */

static void check_memory(void)
{
	char text[6] = "", *fresh = malloc(1 << 20);

	for (size_t i = 0; i < HEAP_WORDS; i++)
		CHECK(heap[i] == i * 0x9e3779b97f4a7c15);
	CHECK(!strcmp(anonymous, "shared"));
	CHECK(!strcmp(memory, "memfd"));
	for (size_t i = 0; i < SECRET_SIZE; i++)
		CHECK(secret[i] == (unexec_generation() ? 0 : 's'));
	CHECK(pread(memfd, text, 6, 0) == 6 && !strcmp(text, "memfd"));
	CHECK(fresh);
	free(fresh);
}

static void check_descriptors(void)
{
	struct epoll_event ready;
	struct itimerspec left;
	char text[32];
	uint64_t one;

	CHECK(list_descriptors() == descriptors);
	CHECK(read(pipe_ends[0], text, 32) == 11 && !memcmp(text, "in the pipe", 11));
	CHECK(write(pipe_ends[1], text, 11) == 11);
	CHECK(read(pair[1], text, 32) == 4 && write(pair[0], text, 4) == 4);
	CHECK(epoll_wait(epoll, &ready, 1, 0) == 1 && ready.events == EPOLLIN);
	CHECK(read(event, &one, 8) == 8 && one == 1 && write(event, &one, 8) == 8);
	CHECK(!timerfd_gettime(clock_fd, &left) && left.it_value.tv_sec > 80000);
	CHECK(fcntl(clock_fd, F_GETFL) & O_NONBLOCK);
	CHECK(read(watcher, text, 32) < 0 && errno == EAGAIN);
	CHECK(lseek(file, 0, SEEK_CUR) == FILE_OFFSET);
	CHECK(lseek(twice, 0, SEEK_CUR) == FILE_OFFSET);
	CHECK(lseek(deleted, 0, SEEK_CUR) == 7);
	CHECK(pread(deleted, text, 32, 0) == 7 && !memcmp(text, "deleted", 7));
	CHECK(fcntl(epoll, F_GETFD) == FD_CLOEXEC && fcntl(pair[0], F_GETFD) == 0);
}

static void check_signals(void)
{
	struct signalfd_siginfo info;
	struct itimerspec left;
	sigset_t now;
	stack_t stack;

	memset(&now, 0, sizeof(now)); /* the kernel fills in 64 bits of it */
	CHECK(!sigprocmask(SIG_BLOCK, NULL, &now) && !memcmp(&now, &mask, sizeof(now)));
	CHECK(!sigaltstack(NULL, &stack) && stack.ss_size == 65536);
	taken = 0;
	raise(SIGUSR1);
	CHECK(taken == SIGUSR1);
	CHECK(read(signals, &info, sizeof(info)) == sizeof(info));
	raise(SIGUSR2);
	CHECK(!timer_gettime(timer, &left) && left.it_value.tv_sec > 80000);
}

/* A process that serves is dumped from outside. If the dumper is killed, a dead copy remains as
 * a child. The test checks for it only if nothing was killed. */
static void check(bool may_have_child)
{
	check_threads();
	check_memory();
	check_descriptors();
	check_signals();
	errno = 0;
	CHECK(may_have_child || (waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD));
	puts("right");
	fflush(stdout);
}

/* Returns the option that the caller needs for the refusal. */
static enum unexec_threads get_refused(const char *reason)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };

	if (!strcmp(reason, "thread"))
		return UNEXEC_THREADS_REFUSE;
	if (!strcmp(reason, "timer"))
		CHECK(!timer_create(CLOCK_THREAD_CPUTIME_ID, &none, &timer));
	else
		CHECK(syscall(SYS_pidfd_open, getppid(), 0) > 0);
	return UNEXEC_THREADS_DEFAULT;
}

int main(int argc, char **argv)
{
	struct unexec_options options = { .size = sizeof(options) };
	int status;
	char byte;

	if (argc < 2)
		return 2;
	set_up();
	if (argc < 3) {
		do
			check(!unexec_generation());
		while (read(0, &byte, 1) == 1);
		check(!unexec_generation());
		return 42;
	}
	if (argc > 3)
		options.threads = get_refused(argv[3]);
	shared->armed = 1;
	status = unexec_dump(argv[2], &options, NULL);
	shared->armed = 0;
	if (argc <= 3)
		check(false);
	if (status == UNEXEC_RESUMED)
		return 42;
	return status == UNEXEC_DUMPED ? 0 : 3;
}
