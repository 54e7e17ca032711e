/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame of a roundtrip test (see roundtrip.h). Another process keeps the time limit,
 * because a timer of the test itself would be part of the dump.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "close_from.h"
#include "roundtrip.h"

unsigned roundtrip_time_limit = 120; /* ten times as long as the slowest test needs */

static char directory[128];
static pid_t child;

void roundtrip_fail(const char *file, int line, const char *text)
{
	fprintf(stderr, "%s:%d: check failed%s: %s\n", file, line,
		unexec_generation() ? " in the dump" : "", text);
	fflush(NULL);
	_exit(1);
}

void roundtrip_equal(const char *file, int line, const char *text, long long a, long long b)
{
	if (a == b)
		return;
	fprintf(stderr, "%lld (%#llx) and %lld (%#llx)\n", a, a, b, b);
	roundtrip_fail(file, line, text);
}

void roundtrip_same(const char *file, int line, const char *text, const char *a, const char *b)
{
	if (a && b && !strcmp(a, b))
		return;
	fprintf(stderr, "\"%s\" and \"%s\"\n", a ? a : "(null)", b ? b : "(null)");
	roundtrip_fail(file, line, text);
}

void roundtrip_skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	_exit(77);
}

/* ---- The watching process ----------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static void time_is_up(int number)
{
	static const char text[] = "the test took too long and was ended\n";

	(void)number;
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(99);
	kill(-child, SIGKILL);
}

__attribute__((noreturn)) static void watch(void)
{
	struct sigaction action = { .sa_handler = time_is_up, .sa_flags = SA_RESTART };
	int status;

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	alarm(roundtrip_time_limit);
	if (waitpid(child, &status, 0) != child)
		_exit(99);
	kill(-child, SIGKILL); /* processes that it may have left */
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "ended by signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
		_exit(1);
	}
	_exit(WEXITSTATUS(status));
}

static void default_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void roundtrip_begin(void)
{
	const char *base = getenv("TMPDIR");
	struct rlimit no_core = { 0, 0 };
	int null;

	if (directory[0])
		return;
	setenv("UNEXEC_TOOL", BUILD_DIRECTORY "/unexec", 0);
	default_signals();
	setrlimit(RLIMIT_CORE, &no_core);
	snprintf(directory, sizeof(directory), "%.90s/unexec-test-XXXXXX",
		 base ? base : "/tmp");
	if (!mkdtemp(directory)) {
		perror(directory);
		exit(99);
	}
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(99);
	}
	if (child) {
		setpgid(child, child);
		watch();
	}
	setpgid(0, 0);
	null = open("/dev/null", O_RDONLY);
	dup2(null, 0);
	close_from(3);
}

/* ---- The cut ------------------------------------------------------------------------ */

char *roundtrip_path(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		abort();
	return path;
}

char *roundtrip_built(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", BUILD_DIRECTORY, name) < 0)
		abort();
	return path;
}

/* A child dumps this process while it waits for the child. The dump has no child to wait
 * for. */
static int dump_by_pid(const char *path, const struct unexec_options *options)
{
	static const char *const modes[] = { "--memory=auto", "--memory=lazy", "--memory=copy" };
	static const char *const children[] = { "--children=refuse", "--children=ignore" };
	char parent[16];
	const char *const words[] = { "unexec", "dump", "-q",
				      modes[options ? options->memory : UNEXEC_MEMORY_AUTO],
				      children[options ? options->children : 0],
				      "-o", path, parent, NULL };
	const char *tool = getenv("UNEXEC_TOOL");
	pid_t pid;
	int status;

	snprintf(parent, sizeof(parent), "%d", (int)getpid());
	fflush(NULL);
	pid = vfork();
	if (pid == 0) {
		close_from(3); /* descriptors of this process only */
		execv(tool, (char **)words);
		_exit(99);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return UNEXEC_RESUMED;
	if (status) {
		fprintf(stderr, "unexec dump: status %#x\n", (unsigned)status);
		_exit(1);
	}
	return UNEXEC_DUMPED;
}

int roundtrip_dump(const char *path, const struct unexec_options *options)
{
	bool by_pid = getenv("UNEXEC_TEST_BY_PID") != NULL;
	int status = by_pid ? dump_by_pid(path, options) : unexec_dump(path, options, NULL);

	if (status < 0) {
		fprintf(stderr, "unexec_dump: %s\n", unexec_status_name(status));
		_exit(1);
	}
	return status;
}

static size_t copy_words(const char **to, const char *const *words)
{
	size_t count = 0;

	while (words && words[count]) {
		to[count] = words[count];
		count++;
	}
	return count;
}

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

pid_t roundtrip_start(const char *path, const struct roundtrip *how)
{
	const char *plain[] = { path, "resumed", NULL };
	const char *const *arguments = how->arguments ? how->arguments : plain;
	const char **argv = (const char **)calloc(
		count_words(how->through) + count_words(arguments) + 1, sizeof(*argv));
	size_t count = copy_words(argv, how->through);
	pid_t pid;

	copy_words(argv + count, arguments);
	if (count)
		argv[count] = path;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (how->prepare)
			how->prepare();
		if (how->environment)
			environ = (char **)how->environment;
		if (count)
			execvp(argv[0], (char **)argv);
		else
			execv(path, (char **)argv);
		fprintf(stderr, "%s: %s\n", count ? argv[0] : path, strerror(errno));
		_exit(errno == ENOENT && count ? 77 : 1);
	}
	free(argv);
	CHECK(pid > 0);
	return pid;
}

int roundtrip_wait(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int roundtrip_run(const char *path, const struct roundtrip *how)
{
	return roundtrip_wait(roundtrip_start(path, how));
}

void roundtrip_cut_with(const struct roundtrip *how)
{
	char *path = roundtrip_path("dump");
	int status;

	if (roundtrip_dump(path, how->options) == UNEXEC_RESUMED) {
		free(path);
		return;
	}
	status = roundtrip_run(path, how);
	if (status > 128)
		fprintf(stderr, "the dump was ended by signal %d (%s)\n", status - 128,
			strsignal(status - 128));
	_exit(status > 128 || status == 125 ? 1 : status);
}

void roundtrip_cut(void)
{
	roundtrip_cut_with(&(struct roundtrip){ 0 });
}

/* ---- Small things ------------------------------------------------------------------- */

char *roundtrip_drain(int fd)
{
	size_t length = 0, room = 4096;
	char *text = malloc(room);
	ssize_t got;

	while ((got = read(fd, text + length, room - length - 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) /* EIO is a terminal whose other side is closed */
			break;
		length += (size_t)got;
		if (room - length < 2048)
			text = realloc(text, room *= 2);
	}
	text[length] = 0;
	return text;
}

char *roundtrip_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0) {
		perror(path);
		_exit(1);
	}
	text = roundtrip_drain(fd);
	close(fd);
	return text;
}

int roundtrip_forbid(int number)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	       || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

const char *const *roundtrip_without_set_mm(void)
{
	static const char *words[3];

	words[0] = roundtrip_built("tests/lib/seccomp_exec");
	words[1] = "set_mm";
	return words;
}
