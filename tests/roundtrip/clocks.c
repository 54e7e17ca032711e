/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time functions of the vDSO work in the dump, called directly and through stored pointers,
 * without system calls if the machine needs none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int (*kept_clock_gettime)(clockid_t, struct timespec *);
static int (*kept_gettimeofday)(struct timeval *, struct timezone *);
static time_t (*kept_time)(time_t *);
static int (*kernel_clock_gettime)(clockid_t, struct timespec *);
static int (*kernel_gettimeofday)(struct timeval *, struct timezone *);
static time_t (*kernel_time)(time_t *);
static int (*kernel_getcpu)(unsigned int *, unsigned int *, void *);
static int (*kernel_clock_getres)(clockid_t, struct timespec *);

static void find_functions(void)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);

	kept_clock_gettime = dlsym(RTLD_DEFAULT, "clock_gettime");
	kept_gettimeofday = dlsym(RTLD_DEFAULT, "gettimeofday");
	kept_time = dlsym(RTLD_DEFAULT, "time");
	if (!vdso)
		return;
	kernel_clock_gettime = dlsym(vdso, "__vdso_clock_gettime");
	kernel_gettimeofday = dlsym(vdso, "__vdso_gettimeofday");
	kernel_time = dlsym(vdso, "__vdso_time");
	kernel_getcpu = dlsym(vdso, "__vdso_getcpu");
	kernel_clock_getres = dlsym(vdso, "__vdso_clock_getres");
}

static long long truth(clockid_t clock)
{
	struct timespec now;

	CHECK(!syscall(SYS_clock_gettime, clock, &now));
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void check_clock(int (*function)(clockid_t, struct timespec *), clockid_t clock)
{
	long long before = truth(clock), after;
	struct timespec now;

	CHECK(!function(clock, &now));
	after = truth(clock);
	/* Coarse clocks stand still for some milliseconds. */
	CHECK(now.tv_sec * 1000000000LL + now.tv_nsec >= before - 20000000);
	CHECK(now.tv_sec * 1000000000LL + now.tv_nsec <= after);
}

static void check_day(int (*function)(struct timeval *, struct timezone *))
{
	long long before = truth(CLOCK_REALTIME) / 1000;
	struct timeval now;

	CHECK(!function(&now, NULL));
	CHECK(now.tv_sec * 1000000LL + now.tv_usec >= before);
	CHECK(now.tv_sec * 1000000LL + now.tv_usec <= truth(CLOCK_REALTIME) / 1000);
}

static void check_clocks(int (*function)(clockid_t, struct timespec *))
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
		CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
		CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		check_clock(function, clocks[i]);
}

static void check_kernels(void)
{
	struct timespec resolution;
	unsigned int cpu, node;

	if (kernel_clock_gettime)
		check_clocks(kernel_clock_gettime);
	if (kernel_gettimeofday)
		check_day(kernel_gettimeofday);
	if (kernel_time)
		CHECK(labs(kernel_time(NULL) - truth(CLOCK_REALTIME) / 1000000000) <= 1);
	if (kernel_getcpu)
		CHECK(!kernel_getcpu(&cpu, &node, NULL) && cpu < CPU_SETSIZE);
	if (kernel_clock_getres)
		CHECK(!kernel_clock_getres(CLOCK_MONOTONIC, &resolution) &&
		      resolution.tv_nsec);
}

/* True if clock_gettime works in a process that may not make this system call. */
static int works_without_call(void)
{
	struct timespec now;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (roundtrip_forbid(SYS_clock_gettime))
			_exit(2);
		_exit(clock_gettime(CLOCK_MONOTONIC, &now) != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status == 0;
}

int main(void)
{
	struct timespec old;
	int without_call;
	unsigned int cpu, node;

	roundtrip_begin();
	find_functions();
	CHECK(kept_clock_gettime && kept_gettimeofday && kept_time);
	check_clocks(clock_gettime);
	check_kernels();
	without_call = works_without_call();
	clock_gettime(CLOCK_MONOTONIC, &old);
	roundtrip_cut();
	CHECK(truth(CLOCK_MONOTONIC) > old.tv_sec * 1000000000LL + old.tv_nsec);
	check_clocks(clock_gettime);
	check_clocks(kept_clock_gettime);
	check_day((int (*)(struct timeval *, struct timezone *))gettimeofday);
	check_day(kept_gettimeofday);
	CHECK(labs(time(NULL) - truth(CLOCK_REALTIME) / 1000000000) <= 1);
	CHECK(labs(kept_time(NULL) - truth(CLOCK_REALTIME) / 1000000000) <= 1);
	CHECK(!getcpu(&cpu, &node) && cpu < CPU_SETSIZE);
	check_kernels();
	CHECK_EQUAL(works_without_call(), without_call);
	return 0;
}
