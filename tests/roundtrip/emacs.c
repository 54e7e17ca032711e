/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unexec(), Emacs's call, returns 0 and makes a program that begins with main, with its memory
 * preserved and kernel state of a new process; or it returns -1 with errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"
#include "../lib/test_library.h"

#define LEFT_OPEN 9

static char *lisp;
static timer_t timer;

static void check_error(const char *name, int error)
{
	errno = 0;
	CHECK_EQUAL(unexec(name, "/no/such/file"), -1);
	CHECK_EQUAL(errno, error);
}

static int veto(void *unused)
{
	(void)unused;
	return unexec_generation() == 0;
}

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

/* A dump that begins with main is refused while there is another thread. */
static void check_threads(const char *name)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, wait_for_ever, NULL));
	check_error(name, ENOTSUP);
	CHECK(!pthread_cancel(thread));
	CHECK(!pthread_join(thread, NULL));
	CHECK(access(name, F_OK) != 0);
}

static void on_signal(int number)
{
	(void)number;
	_exit(1);
}

/* The functions called at exit, in order. */
static char called[8];

static void at_exit(void)
{
	strcat(called, "A");
}

static void on_exit_too(int status, void *unused)
{
	(void)unused;
	CHECK_EQUAL(status, unexec_generation() ? 9 : 0);
	strcat(called, "O");
}

static void of_library(void)
{
	strcat(called, "L");
}

/* Registered first. */
static void destroy(void *object)
{
	strcat(called, object);
	CHECK_STRING(called, unexec_generation() ? "OALD" : "LOAD");
}

/* The compiler registers a C++ object's destructor like this. */
extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void *__dso_handle;

static void register_once(void)
{
	static char object[] = "D";

	CHECK(!__cxa_atexit(destroy, object, &__dso_handle));
}

/* Makes the state that Emacs has when it is dumped: an open file, timers, a handler, a changed
 * environment. */
static void set_up(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 900000000 };
	const struct itimerval as_soon = { .it_value.tv_usec = 900000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	CHECK_EQUAL(open("/dev/null", O_RDONLY), 3);
	CHECK_EQUAL(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC), 4);
	CHECK(!timerfd_settime(4, 0, &soon, NULL));
	CHECK_EQUAL(dup2(3, LEFT_OPEN), LEFT_OPEN);
	CHECK_EQUAL(open("/dev/ptmx", O_RDWR | O_NOCTTY), 5); /* could not be restored */
	signal(SIGALRM, on_signal);
	signal(SIGHUP, on_signal);
	signal(SIGUSR1, SIG_IGN);
	CHECK(!timer_create(CLOCK_REALTIME, &event, &timer));
	CHECK(!timer_settime(timer, 0, &soon, NULL));
	CHECK(!setitimer(ITIMER_REAL, &as_soon, NULL));
	lisp = strdup("loaded");
	CHECK(!setenv("LISP", lisp, 1));
}

static void unset(void)
{
	const struct itimerval never = { 0 };

	CHECK(!timer_delete(timer));
	CHECK(!setitimer(ITIMER_REAL, &never, NULL));
	CHECK(!unexec_set_fd_policy(3, UNEXEC_FD_NULL));
}

static void start_with(void)
{
	closefrom(3);
	CHECK_EQUAL(dup2(0, LEFT_OPEN), LEFT_OPEN);
	signal(SIGHUP, SIG_IGN); /* as nohup does */
	signal(SIGALRM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	CHECK(!setenv("LISP", "new", 1));
}

static sighandler_t disposition(int number)
{
	struct sigaction action;

	CHECK(!sigaction(number, NULL, &action));
	return action.sa_handler;
}

static int again(int argc, char **argv)
{
	bool null = argc == 3;
	struct itimerval left;

	CHECK_STRING(argv[1], "-batch");
	CHECK_STRING(lisp, "loaded");
	CHECK_STRING(getenv("LISP"), "new");
	for (int fd = 3; fd < 32; fd++)
		CHECK_EQUAL(fcntl(fd, F_GETFD) >= 0, fd == LEFT_OPEN || (null && fd == 3));
	CHECK(disposition(SIGALRM) == SIG_DFL);
	CHECK(disposition(SIGHUP) == SIG_IGN);
	CHECK(disposition(SIGUSR1) == SIG_DFL);
	CHECK(!getitimer(ITIMER_REAL, &left));
	CHECK_EQUAL(left.it_value.tv_sec + left.it_value.tv_usec, 0);
	CHECK(timer_delete(timer));
	return 9;
}

/* Returns the messages of unexec on stderr about state that is not preserved. */
static char *said_by_unexec(const char *dump)
{
	char *path = roundtrip_path("said");
	int saved = dup(2), file = open(path, O_WRONLY | O_CREAT, 0600), result;

	CHECK_EQUAL(dup2(file, 2), 2);
	close(file);
	result = unexec(dump, NULL);
	dup2(saved, 2);
	close(saved);
	CHECK_EQUAL(result, 0);
	return roundtrip_read(path);
}

int main(int argc, char **argv)
{
	static const char *const arguments[] = { "emacs", "-batch", NULL };
	static const char *const with_null[] = { "emacs", "-batch", "null", NULL };
	char *dump, *said;

	if (!unexec_generation()) {
		roundtrip_begin();
		register_once();
	}
	CHECK(!atexit(at_exit));
	CHECK(!on_exit(on_exit_too, NULL));
	if (unexec_generation())
		return again(argc, argv);
	test_library_at_exit(of_library);
	dump = roundtrip_path("emacs");
	check_error(NULL, EINVAL);
	check_error("", EINVAL);
	check_error(roundtrip_path("no-such-directory/emacs"), ENOENT);
	check_threads(dump);
	set_up();
	said = said_by_unexec(dump);
	CHECK(strstr(said, "warning: descriptor 3 (/dev/null): closed in the dump\n"));
	CHECK(strstr(said, "warning: descriptor 4 (anon_inode:[timerfd]): closed in the dump\n"));
	unset();
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = arguments,
							     .prepare = start_with }), 9);
	CHECK_EQUAL(unexec(dump, "/no/such/file"), 0);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = with_null,
							     .prepare = start_with }), 9);
	unexec_on_dump(veto, NULL);
	check_error(dump, EPERM);
	return 0;
}
