/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first process of a virtual machine. Does each job that /jobs lists, a line each:
 *
 *     NAME TIMES INPUT [VARIABLE=VALUE]… PROGRAM ARGUMENT…
 *
 * TIMES times, with the file INPUT as standard input. Prints "NAME: runs" if it ended with status
 * 0 and its output ended in 42 every time, else "NAME: " and the failure. Then switches off. If
 * there is a directory /proc, the usual file systems are mounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* In seconds, for a job on an emulated CPU. */
#define TIME_LIMIT 300

struct job {
	char *name, *input, **command;
	int times;
};

static void open_console(void)
{
	int console;

	mkdir("/dev", 0755);
	mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
	console = open("/dev/console", O_RDWR);
	for (int number = 0; number < 3; number++)
		dup2(console, number);
	if (console > 2)
		close(console);
}

/* Tests connect to themselves by it. */
static void open_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		perror("lo");
	close(fd);
}

static void mount_all(void)
{
	struct stat status;

	if (stat("/proc", &status))
		return;
	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mount("pts", "/dev/pts", "devpts", 0, "ptmxmode=666");
	mkdir("/dev/shm", 01777);
	mount("shm", "/dev/shm", "tmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	open_loopback();
}

/* Sets the variables that precede the program. */
static void start(const struct job *job, int output)
{
	char **word = job->command;

	for (; *word && strchr(*word, '='); word++)
		putenv(*word);
	if (dup2(open(job->input, O_RDONLY), 0) != 0)
		perror(job->input);
	dup2(output, 1);
	dup2(output, 2);
	for (int number = 3; number < 16; number++)
		close(number);
	setsid();
	alarm(TIME_LIMIT); /* exec preserves it */
	if (*word)
		execv(*word, word);
	fprintf(stderr, "%s: %s\n", *word ? *word : job->name, strerror(errno));
	_exit(99);
}

/* Returns its status, or -1; `said` gets the end of its output. The output goes to a file, so that
 * nothing waits for processes that the job has left. */
static int run(const struct job *job, char *said, size_t room)
{
	int output = open("/said", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600), status = -1;
	ssize_t got;
	pid_t child;
	off_t end;

	child = fork();
	if (!child)
		start(job, output);
	waitpid(child, &status, 0);
	end = lseek(output, 0, SEEK_END);
	got = pread(output, said, room - 1, end < (off_t)room ? 0 : end - (off_t)room + 1);
	close(output);
	said[got > 0 ? got : 0] = 0;
	while (got > 0 && (said[got - 1] == '\n' || said[got - 1] == '\r'))
		said[--got] = 0;
	return status;
}

/* Prints the settings that are really in force, in case a word on the kernel's command line was
 * wrong. mmap returns addresses beyond 47 bits only for a hint; without randomization, the name of
 * the program ends at the top of the stack. */
static void say_machine(void)
{
	struct utsname system;
	void *high = mmap((void *)(1UL << 54), 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long top = getauxval(AT_EXECFN) & ((1UL << 47) - 1);

	uname(&system);
	printf("\nmachine: Linux %s, %d-level paging, addresses %s\n", system.release,
	       (unsigned long)high >> 48 ? 5 : 4, top >> 12 == 0x7fffffffe ? "fixed" : "random");
}

static const char *last_line(const char *said)
{
	const char *end = strrchr(said, '\n');

	return end ? end + 1 : said;
}

/* Prompts may come before or after it: "> 42", "42\n>>> ". */
static int says_42(const char *said)
{
	for (const char *at = said; (at = strstr(at, "42")); at++)
		if ((at == said || strchr("\n\r >", at[-1])) && (!at[2] || strchr("\n\r >", at[2])))
			return 1;
	return 0;
}

static void try(const struct job *job)
{
	static char said[8192];

	for (int time = 1; time <= job->times; time++) {
		int status = run(job, said, sizeof(said));

		if (status == 0 && says_42(said))
			continue;
		printf("%s: FAILS: start %d, status %#x: %s\n", job->name, time,
		       (unsigned)status, last_line(said));
		for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
			printf("%s| %s\n", job->name, line);
		return;
	}
	printf("%s: runs\n", job->name);
}

/* 1 if the line is a job. */
static int parse(char *line, struct job *job)
{
	static char *words[64];
	int count = 0;

	for (char *word = strtok(line, " \n"); word && count < 63; word = strtok(NULL, " \n"))
		words[count++] = word;
	words[count] = NULL;
	if (count < 4)
		return 0;
	*job = (struct job){ words[0], words[2], words + 3, atoi(words[1]) };
	return 1;
}

int main(void)
{
	char line[1024];
	struct job job;
	FILE *jobs;

	open_console();
	mount_all();
	setvbuf(stdout, NULL, _IOLBF, 0);
	say_machine();
	jobs = fopen("/jobs", "re");
	if (!jobs)
		perror("/jobs");
	while (jobs && fgets(line, sizeof(line), jobs))
		if (parse(line, &job))
			try(&job);
	printf("all done\n");
	sync();
	sleep(1); /* the serial line is slow */
	return reboot(RB_AUTOBOOT);
}
