/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pointers into the old vDSO still return the time and the CPU: if the kernel's vDSO takes its
 * place, if the new vDSO is in the way, and if it cannot take the place (it is of another
 * build, or may not be moved).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"
#include "../lib/spoil_vdso.h"

/* The old vDSO is replaced, redirects to the new one, or makes system calls. */
enum outcome { REPLACED, REDIRECTED, CALLS };

static int (*kept_clock_gettime)(clockid_t, struct timespec *);
static int (*kept_gettimeofday)(struct timeval *, struct timezone *);
static time_t (*kept_time)(time_t *);
static int (*kept_getcpu)(unsigned int *, unsigned int *, void *);
static uintptr_t old_vdso;

static void find_functions(void)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);

	old_vdso = getauxval(AT_SYSINFO_EHDR);
	if (!vdso || !old_vdso)
		roundtrip_skip("no vDSO here");
	kept_clock_gettime = dlsym(vdso, "__vdso_clock_gettime");
	kept_gettimeofday = dlsym(vdso, "__vdso_gettimeofday");
	kept_time = dlsym(vdso, "__vdso_time");
	kept_getcpu = dlsym(vdso, "__vdso_getcpu");
	CHECK(kept_clock_gettime && kept_gettimeofday);
}

/* ---- In the dump ------------------------------------------------------------------------ */

static long long truth(clockid_t clock)
{
	struct timespec now;

	CHECK(!syscall(SYS_clock_gettime, clock, &now));
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void check_clock(int (*function)(clockid_t, struct timespec *), clockid_t clock)
{
	struct timespec now, later;
	long long before = truth(clock);

	CHECK(!function(clock, &now));
	CHECK(now.tv_sec * 1000000000LL + now.tv_nsec >= before);
	CHECK(now.tv_sec * 1000000000LL + now.tv_nsec <= truth(clock));
	do
		CHECK(!function(clock, &later));
	while (now.tv_sec == later.tv_sec && now.tv_nsec == later.tv_nsec);
	CHECK(later.tv_sec * 1000000000LL + later.tv_nsec <= truth(clock));
}

static void check_day(void)
{
	long long before = truth(CLOCK_REALTIME) / 1000;
	struct timeval now;

	CHECK(!kept_gettimeofday(&now, NULL));
	CHECK(now.tv_sec * 1000000LL + now.tv_usec >= before);
	CHECK(now.tv_sec * 1000000LL + now.tv_usec <= truth(CLOCK_REALTIME) / 1000);
}

static void check_cpu(void)
{
	unsigned int cpu, node;
	cpu_set_t all, one;

	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	for (unsigned int i = 0; kept_getcpu && i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		CHECK(!sched_setaffinity(0, sizeof(one), &one));
		CHECK(!kept_getcpu(&cpu, &node, NULL));
		CHECK_EQUAL(cpu, i);
	}
	CHECK(!sched_setaffinity(0, sizeof(all), &all));
}

/* True if it returns the time in a process that may not make this system call. */
static bool works_without_call(void)
{
	struct timespec now;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (roundtrip_forbid(SYS_clock_gettime))
			_exit(2);
		_exit(kept_clock_gettime(CLOCK_MONOTONIC, &now) != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status == 0;
}

/* True if the kernel's vDSO begins at that address. */
static bool is_kernels(uintptr_t address)
{
	char *maps = roundtrip_read("/proc/self/maps"), start[32];
	const char *line;
	bool found;

	snprintf(start, sizeof(start), "%lx-", (unsigned long)address);
	line = strstr(maps, start);
	found = line && !strncmp(strchrnul(line, '\n') - 6, "[vdso]", 6);
	free(maps);
	return found;
}

static void check_outcome(enum outcome expected, bool without_call)
{
	CHECK_EQUAL(is_kernels(old_vdso), expected == REPLACED);
	CHECK_EQUAL(works_without_call(), without_call && expected != CALLS);
}

static int resumed(bool without_call)
{
	char **argv;

	unexec_arguments(NULL, &argv, NULL);
	check_outcome((enum outcome)atoi(argv[1]), without_call);
	check_clock(clock_gettime, CLOCK_MONOTONIC);
	check_clock(kept_clock_gettime, CLOCK_MONOTONIC);
	check_clock(kept_clock_gettime, CLOCK_REALTIME);
	check_day();
	if (kept_time)
		CHECK(labs(kept_time(NULL) - truth(CLOCK_REALTIME) / 1000000000) <= 1);
	check_cpu();
	return 0;
}

/* ---- The cases -------------------------------------------------------------------------- */

static char *path;

static void nothing(void)
{
}

static void refuse_data(void)
{
	const struct plan plan = spoil_vdso_plan(path);
	uint64_t to = plan.vdso.start;

	for (int i = 0; i < PLAN_VDSO_PARTS && to < plan.vdso.address; i++) {
		spoil_vdso_refuse_move(to);
		to += plan.vdso.length[i];
	}
}

static void same_place(void)
{
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		_exit(77);
}

/* The new vDSO is in the way and cannot be moved: the start has no vDSO. */
static void refuse_parking(void)
{
	same_place();
	spoil_vdso_refuse_move(spoil_vdso_plan(path).parking);
}

static void try(const char *name, void (*prepare)(void), enum outcome expected)
{
	char number[] = { (char)('0' + expected), 0 };
	const char *arguments[] = { path, number, NULL };
	int status = roundtrip_run(path, &(struct roundtrip){ .prepare = prepare,
							      .arguments = arguments });

	fprintf(stderr, "%s: %d\n", name, status);
	CHECK(status == 0 || status == 77);
}

/* Executes itself again as a process whose vDSO is at the address of each dump's vDSO. Returns
 * if that is refused. */
static void again_without_randomisation(char **argv)
{
	if (personality(ADDR_NO_RANDOMIZE) >= 0)
		execv("/proc/self/exe", argv);
	fprintf(stderr, "the rest is left out: the address space stays random\n");
}

int main(int argc, char **argv)
{
	bool fixed, without_call;

	(void)argc;
	roundtrip_begin();
	find_functions();
	fixed = personality(0xffffffff) & ADDR_NO_RANDOMIZE;
	without_call = works_without_call();
	path = roundtrip_path("dump");
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		return resumed(without_call);
	if (!fixed) {
		try("the same build", nothing, REPLACED);
		try("may not be moved", refuse_data, REDIRECTED);
		spoil_vdso_build(path);
		try("another build", nothing, REDIRECTED);
		again_without_randomisation(argv);
		return 0;
	}
	try("in the way", same_place, REPLACED);
	spoil_vdso_build(path);
	try("in the way, another build", same_place, REDIRECTED);
	try("in the way, may not be moved", refuse_parking, CALLS);
	return 0;
}
