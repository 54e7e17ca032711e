/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts a dump again and again, its plan damaged each time. What the restarter makes of it is
 * a program that does anything; here it has no rights, little time, and no process beside it.
 * Counted is how it ends: a message and status 125, a signal, or the time limit.
 *
 *   cc -Isrc -Isrc/arch/x86_64 tests/fuzz/fuzz_start.c -o fuzz_start
 *   ./fuzz_start DUMP SECONDS [SEED]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/plan.h"

#define PATIENCE_MS 3000
#define NOBODY 65534

static unsigned char *bytes;
static size_t size;
static struct plan *plan;

static void read_dump(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status)) {
		perror(path);
		exit(2);
	}
	size = (size_t)status.st_size;
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	for (size_t i = 0; i + sizeof(struct plan) < size && !plan; i += 8) {
		struct plan *here = (struct plan *)(bytes + i);

		if (here->magic == PLAN_MAGIC && here->version == PLAN_VERSION)
			plan = here;
	}
	if (!plan || plan->size > size - (size_t)((unsigned char *)plan - bytes)) {
		fprintf(stderr, "%s has no plan\n", path);
		exit(2);
	}
}

/* ---- Damage ------------------------------------------------------------------------------- */

static void damage_once(unsigned char *at)
{
	static const uint64_t values[] = { 0, 1, UINT64_MAX, 1U << 31, 4096, UINT64_C(1) << 47,
					   INT64_MIN, UINT32_MAX };
	uint64_t place = (uint64_t)random() % plan->size;

	switch (random() % 4) {
	case 0:
		at[place] ^= (unsigned char)(1 << random() % 8);
		break;
	case 1:
		at[place] = (unsigned char)random();
		break;
	case 2:
		memcpy(at + (place & ~7UL), &values[random() % 8], 8);
		break;
	default:
		memcpy(at + (place & ~3UL), &values[random() % 8], 4);
	}
}

/* Makes a damaged executable. It is a memfd that exec closes, so a start cannot find its file. */
static int make_damaged(void)
{
	size_t start = (size_t)((unsigned char *)plan - bytes);
	int fd = memfd_create("damaged", MFD_CLOEXEC);
	unsigned char *copy = malloc(plan->size + 8);

	memcpy(copy, plan, plan->size);
	for (long i = 1 + random() % 4; i; i--)
		damage_once(copy);
	if (write(fd, bytes, size) != (ssize_t)size
	    || pwrite(fd, copy, plan->size, (off_t)start) != (ssize_t)plan->size) {
		perror("memfd");
		exit(2);
	}
	free(copy);
	fchmod(fd, 0755);
	return fd;
}

/* ---- One start ---------------------------------------------------------------------------- */

__attribute__((noreturn)) static void start(int fd)
{
	static const struct { int which; rlim_t limit; } limits[] = {
		{ RLIMIT_CPU, 2 }, { RLIMIT_FSIZE, 1 << 20 }, { RLIMIT_CORE, 0 },
		{ RLIMIT_DATA, 1 << 30 }, { RLIMIT_NOFILE, 256 },
	};
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		setrlimit(limits[i].which,
			  &(struct rlimit){ limits[i].limit, limits[i].limit });
	if (null > 2)
		close(null);
	if (geteuid() == 0 && (setgid(NOBODY) || setuid(NOBODY)))
		_exit(2);
	fexecve(fd, (char *[]){ (char *)"damaged", NULL }, (char *[]){ NULL });
	_exit(126);
}

static int await(pid_t pid, bool *ret_late)
{
	int status, waited = 0;

	*ret_late = false;
	while (!waitpid(pid, &status, WNOHANG)) {
		usleep(waited < 20 ? 200 : 5000);
		waited += waited < 20 ? 1 : 5;
		if (waited > PATIENCE_MS && !*ret_late) {
			*ret_late = true;
			kill(pid, SIGKILL);
		}
	}
	return status;
}

int main(int argc, char **argv)
{
	unsigned long starts = 0, messages = 0, signals[65] = { 0 }, ran = 0, late = 0;
	time_t end;

	if (argc < 3)
		return 2;
	srandom(argc > 3 ? (unsigned)atoi(argv[3]) : 1);
	read_dump(argv[1]);
	/* Each start is the first process of a PID namespace and can only kill itself. */
	if (geteuid() == 0 && unshare(CLONE_NEWNET | CLONE_NEWIPC)) {
		perror("unshare");
		return 2;
	}
	end = time(NULL) + atoi(argv[2]);
	while (time(NULL) < end) {
		int fd = make_damaged(), status;
		bool is_late;
		pid_t pid;

		pid = (pid_t)syscall(SYS_clone, SIGCHLD | (geteuid() ? 0 : CLONE_NEWPID),
				     0, 0, 0, 0);
		if (!pid)
			start(fd);
		status = await(pid, &is_late);
		close(fd);
		starts++;
		late += is_late;
		if (WIFSIGNALED(status) && !is_late)
			signals[WTERMSIG(status)]++;
		else if (WIFEXITED(status) && WEXITSTATUS(status) == 125)
			messages++;
		else if (!is_late)
			ran++;
	}
	printf("%lu starts: %lu became a program that ended by itself, %lu status 125, "
	       "%lu ended by the time limit\n", starts, ran, messages, late);
	for (int i = 1; i < 65; i++)
		if (signals[i])
			printf("    %lu by SIG%s\n", signals[i], sigabbrev_np(i));
	return 0;
}
