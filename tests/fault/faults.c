/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fault while a dump is made, inspected or started leads to success or to a message; the
 * original continues unchanged, and no process or file is left.
 *
 *   faults [KIND [SCENARIO [ROLE AT]]]
 *
 * It injects all faults, or the faults of one KIND (calls, calls-in-target, allocations,
 * kills), in one SCENARIO, or one fault. With UNEXEC_TEST_LONG=1 each system call and each
 * allocation fails in turn, and each process is killed at each of its calls and 200 times at
 * random. Without it, the first call of each kind fails, and some more. FAULT_KEEP_GOING=1
 * reports all failures; FAULT_SEED=NUMBER chooses other random moments.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"
#include "fault.h"
#include "tracer.h"

static struct fault_shared *shared;
static char *directory, *path, *input, *output, *errors;
static char *tool, *subject, *own_dump, *pid_dump;
static const char old[] = "the old file";

#define SEED 4711 /* of the random moments for killing */

/* ---- Scenarios ---------------------------------------------------------------------------- */

struct scenario {
	const char *name;
	const char *argv[10];
	bool armed;        /* the subject sets when calls count */
	bool leave_first, until_return;
	bool writes;       /* it writes a dump at `path` */
	bool refuses;      /* no fault may lead to a dump */
	bool target;       /* it dumps the process that serves */
	int good;          /* the status on success */
	const char *says;  /* standard output on success; NULL: anything */
	int dump_good;     /* the same for the dump */
	const char *dump_says;
	int bad[4];        /* statuses that are accepted with a message; -1: the end */
};

static char target_pid[16], *core, *preloaded;

static struct scenario scenarios[] = {
	{ .name = "library", .argv = { "SUBJECT", "dump", "PATH" },
	  .armed = true, .writes = true, .good = 0, .says = "right\n",
	  .dump_good = 42, .dump_says = "right\n", .bad = { 3, -1 } },
	{ .name = "timer", .argv = { "SUBJECT", "dump", "PATH", "timer" },
	  .armed = true, .refuses = true, .good = 3, .bad = { -1 } },
	{ .name = "thread", .argv = { "SUBJECT", "dump", "PATH", "thread" },
	  .armed = true, .refuses = true, .good = 3, .bad = { -1 } },
	{ .name = "descriptor", .argv = { "SUBJECT", "dump", "PATH", "descriptor" },
	  .armed = true, .refuses = true, .good = 3, .bad = { -1 } },
	{ .name = "pid", .argv = { "TOOL", "dump", "-o", "PATH", target_pid },
	  .writes = true, .target = true, .good = 0, .says = "",
	  .dump_good = 42, .dump_says = "right\n", .bad = { 1, 127, -1 } },
	{ .name = "run", .argv = { "TOOL", "run", "-o", "PATH", "--", "SUBJECT", "serve" },
	  .leave_first = true, .writes = true, .good = 0, .says = "right\n",
	  .dump_good = 42, .dump_says = "right\n", .bad = { 1, 42, 127, -1 } },
	{ .name = "undump", .argv = { "TOOL", "undump", "-o", "PATH", "CORE" },
	  .writes = true, .good = 0, .says = "",
	  .dump_good = 7, .dump_says = "Text of before\n", .bad = { 1, 127, -1 } },
	{ .name = "info", .argv = { "TOOL", "info", "OWN" }, .good = 0, .bad = { 1, 127, -1 } },
	{ .name = "json", .argv = { "TOOL", "info", "--json", "OWN" },
	  .good = 0, .bad = { 1, 127, -1 } },
	{ .name = "verify", .argv = { "TOOL", "verify", "OWN" },
	  .good = 0, .bad = { 1, 127, -1 } },
	{ .name = "start", .argv = { "OWN" }, .armed = true,
	  .good = 42, .says = "right\n", .bad = { 125, -1 } },
	{ .name = "start-pid", .argv = { "PID_DUMP" }, .until_return = true,
	  .good = 42, .says = "right\n", .bad = { 125, -1 } },
	{ .name = NULL }
};

static void name_files(struct scenario *scenario)
{
	const struct { const char *word, *file; } words[] = {
		{ "SUBJECT", subject }, { "TOOL", tool }, { "PATH", path }, { "OWN", own_dump },
		{ "PID_DUMP", pid_dump }, { "CORE", core },
	};

	for (const char **word = scenario->argv; *word; word++)
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (!strcmp(*word, words[i].word))
				*word = words[i].file;
}

/* ---- Reports of failed runs --------------------------------------------------------------- */

static const struct scenario *current;
static const struct fault *injected;
static const char *kind_name;
static unsigned alloc_at;
static struct outcome *outcome;
static unsigned wrongs;
static bool keep_going;

static void wrong(const char *what)
{
	char *said = roundtrip_read(errors), *told = roundtrip_read(output);

	fprintf(stderr, "%s %s role %u at %u, victim %u: %s\n", kind_name, current->name,
		injected->role, alloc_at ? alloc_at : injected->at, injected->victim, what);
	fprintf(stderr,
		"    call %ld, argument %#llx %s, errno %d; status %d, signal %d of %u %s\n",
		outcome->call, (unsigned long long)outcome->argument, outcome->of,
		outcome->error, outcome->status, outcome->crash, outcome->crashed,
		outcome->place);
	fprintf(stderr, "    said: %s    output: %.200s\n", said, told);
	free(said);
	free(told);
	wrongs++;
	if (!keep_going)
		exit(1);
}

/* ---- Files -------------------------------------------------------------------------------- */

static void write_old(void)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, old, sizeof(old)) == (ssize_t)sizeof(old));
	close(fd);
}

static bool is_old(void)
{
	char text[sizeof(old) + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text));

	close(fd);
	return length == sizeof(old) && !memcmp(text, old, sizeof(old));
}

/* Removes all files except the dump and returns their number. */
static int remove_others(void)
{
	DIR *list = opendir(directory);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		if (!strcmp(entry->d_name, "dump"))
			continue;
		count++;
		unlinkat(dirfd(list), entry->d_name, 0);
	}
	closedir(list);
	return count;
}

static bool says(const char *file, const char *text)
{
	char *said = roundtrip_read(file);
	bool same = !strcmp(said, text);

	free(said);
	return same;
}

/* True if each line is from unexec ("unexec: FILE: error: …") or from the dynamic linker
 * ("PROGRAM: error while …"). */
static bool is_message(void)
{
	char *said = roundtrip_read(errors);
	bool good = *said;

	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		good = good
		       && (!strncmp(line, "unexec: ", 8)
			   || strstr(line, "error while loading shared libraries"));
	free(said);
	return good;
}

/* ---- A process that others dump ----------------------------------------------------------- */

static pid_t target;
static int to_target = -1, from_target = -1;
static char *target_before;

/* Returns the state that must not change: tracer, blocked signals, threads, children,
 * mappings. */
static char *describe_target(void)
{
	char *text = NULL, *command;
	FILE *stream;
	size_t room = 0;

	CHECK(asprintf(&command, "cd /proc/%d && grep -E '^(TracerPid|Threads|Sig[PBIC]|Shd|State)' "
		       "status && cat task/*/children && ls fd && "
		       "grep -vE '\\[(stack|heap)\\]' maps", (int)target) > 0);
	stream = popen(command, "r");
	CHECK(stream && getdelim(&text, &room, 0, stream) > 0);
	pclose(stream);
	free(command);
	return text;
}

static bool ask_target(void)
{
	char answer[8] = "";

	alarm(60);
	return write(to_target, "?", 1) == 1 && read(from_target, answer, 6) == 6
	       && !strcmp(answer, "right\n");
}

static void end_target(void)
{
	if (!target)
		return;
	kill(target, SIGKILL);
	waitpid(target, NULL, 0);
	close(to_target);
	close(from_target);
	free(target_before);
	target_before = NULL;
	target = 0;
}

static void wait_until_it_reads(void)
{
	char name[64], line[64] = "";

	snprintf(name, sizeof(name), "/proc/%d/syscall", (int)target);
	while (strncmp(line, "0 0x0 ", 6)) {
		FILE *file = fopen(name, "r");

		CHECK(file && fgets(line, sizeof(line), file));
		fclose(file);
		usleep(200);
	}
}

static void start_target(void)
{
	int in[2], out[2];
	char answer[8] = "";

	if (target)
		return;
	CHECK(!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC));
	target = fork();
	if (!target) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(subject, subject, "serve", NULL);
		_exit(99);
	}
	close(in[0]);
	close(out[1]);
	to_target = in[1];
	from_target = out[0];
	snprintf(target_pid, sizeof(target_pid), "%d", (int)target);
	CHECK(read(from_target, answer, 6) == 6 && ask_target());
	wait_until_it_reads();
	target_before = describe_target();
}

/* Prints the first lines that differ. */
static void print_difference(const char *now, const char *before)
{
	while (*now && *now == *before) {
		now++;
		before++;
	}
	fprintf(stderr, "now:    %.200s\nbefore: %.200s\n", now, before);
}

static void check_target(bool killed)
{
	bool well = ask_target();
	char *now;

	if (well)
		wait_until_it_reads();
	now = describe_target();
	if (!well)
		wrong("the process does not continue");
	else if (strcmp(now, target_before) && !killed) {
		print_difference(now, target_before);
		wrong("the process has changed");
	}
	/* A killed writer leaves a page or a dead copy in the target. */
	if (!well || strcmp(now, target_before))
		end_target();
	free(now);
}

/* ---- One run ------------------------------------------------------------------------------ */

static bool is_bad_but_right(const struct scenario *scenario, int status)
{
	for (const int *bad = scenario->bad; *bad >= 0; bad++)
		if (*bad == status)
			return true;
	return false;
}

/* True if the call that failed was a write to standard error. */
static bool is_silenced(void)
{
	return outcome->done && outcome->argument == 2
	       && (outcome->call == SYS_write || outcome->call == SYS_writev);
}

static void check_dump(const struct scenario *scenario)
{
	const struct command command = { .argv = (const char *[]){ path, NULL }, .input = input,
					 .output = output, .errors = errors };
	static struct outcome started;

	shared->at = 0;
	trace(&command, NULL, &started);
	if (started.status != scenario->dump_good || !says(output, scenario->dump_says)) {
		fprintf(stderr, "    the dump's status: %d\n", started.status);
		wrong("the dump that was written does not work");
	}
}

/* The size, message and output of a run without faults. */
static off_t good_size;
static char *good_message, *good_output;

/* A run may touch another page or two of the stack. */
static bool is_of_size(off_t size)
{
	return !good_size || llabs(size - good_size) <= 16384 || !says(errors, good_message);
}

static void forget_good(void)
{
	free(good_message);
	free(good_output);
	good_message = good_output = NULL;
	good_size = 0;
}

static void note_good(const struct scenario *scenario)
{
	struct stat there;

	forget_good();
	good_message = roundtrip_read(errors);
	good_output = roundtrip_read(output);
	/* The target grows with each dump, because reading its pages makes them present. */
	good_size = scenario->writes && !scenario->target && !stat(path, &there) ? there.st_size
										 : 0;
}

static void check_written(const struct scenario *scenario, bool killed)
{
	struct stat there;
	bool written = !is_old();
	int others = remove_others();

	if (others && !killed)
		wrong("a file is left beside the dump");
	if (outcome->status == scenario->good && !written && !killed)
		wrong("nothing was written, and no message says so");
	if (!written)
		return;
	if (outcome->status != scenario->good && !killed)
		wrong("the dump was written, but the status reports a failure");
	stat(path, &there);
	/* libbfd does not always report a failed allocation for a symbol. */
	if (!is_of_size(there.st_size) && !killed && !alloc_at)
		wrong("the size of the dump differs, and no message says why");
	check_dump(scenario);
}

/* libbfd 2.40 crashes after some failed allocations: bfd_check_format_matches() frees memory
 * that it has not allocated. */
static bool is_libbfds_crash(void)
{
	return alloc_at && outcome->crash == SIGSEGV && strstr(outcome->place, "/libbfd");
}

static void check_run(const struct scenario *scenario, bool killed)
{
	if (outcome->hung)
		wrong("it hangs");
	else if (outcome->stray)
		wrong("a process is left");
	else if (is_libbfds_crash())
		; /* not our fault */
	else if (outcome->crash)
		wrong("a process has crashed");
	else if (outcome->status == scenario->good) {
		const char *text = scenario->says ? scenario->says : good_output;

		if (text && !says(output, text) && !scenario->leave_first)
			wrong("the messages differ");
	} else if (outcome->status > 128 && (killed || !outcome->crash)) {
		; /* it was the victim, or had not reached main(): see tracer.h */
	} else if (!is_bad_but_right(scenario, outcome->status)) {
		wrong("the status is neither good nor bad");
	} else if (!is_message() && !is_silenced() && !killed) {
		wrong("there is no dump and no message");
	}
	if (scenario->target && killed && injected->victim == FAULT_OTHER)
		end_target();
	else if (scenario->target)
		check_target(killed || is_libbfds_crash());
	if (scenario->target)
		start_target();
	if (scenario->writes)
		check_written(scenario, killed);
	else if (!is_old())
		wrong("a dump was written that must be refused");
	else if (remove_others())
		wrong("a file is left");
	else if (scenario->refuses && !is_message() && !is_silenced())
		wrong("nothing is said");
}

static bool run(const struct scenario *scenario, const struct fault *fault)
{
	const struct command command = {
		.argv = (const char *const *)scenario->argv, .input = input, .output = output,
		.errors = errors, .armed = scenario->armed ? &shared->armed : NULL,
		.other = target,
		.loads = scenario->argv[0] != own_dump && scenario->argv[0] != pid_dump,
		.until_return = scenario->until_return, .leave_first = scenario->leave_first,
	};

	current = scenario;
	injected = fault;
	write_old();
	/* The dump restores it before it needs it. */
	shared->armed = scenario->argv[0] == own_dump;
	if (!trace(&command, fault, outcome))
		roundtrip_skip("ptrace is forbidden here");
	shared->armed = 0;
	return outcome->done;
}

/* ---- Calls -------------------------------------------------------------------------------- */

static bool thorough;
static unsigned long only_role = -1UL, only_at;

/* True for the first `many` calls of a kind. */
static bool is_among_first(unsigned many, const struct role *role, unsigned index)
{
	for (unsigned i = 0; i < index; i++)
		many -= role->calls[i] == role->calls[index] && many;
	return many;
}

/* True if this call of the role is to fail. */
static bool is_chosen(const struct role *role, unsigned index, unsigned step)
{
	if (!tracer_can_fail(role->calls[index]))
		return false;
	return thorough || index % step == 0 || is_among_first(1, role, index);
}

static void try_role(const struct scenario *scenario, enum fault_kind kind, unsigned number,
		     const struct role *role)
{
	unsigned tried = 0, harmless = 0, unreached = 0, step = role->count / 6 + 1;

	for (unsigned i = 0; i < role->count && i < TRACER_CALLS; i++) {
		struct fault fault = { .kind = kind, .role = number, .at = i + 1 };

		if (only_at ? i + 1 != only_at : !is_chosen(role, i, step))
			continue;
		if (!run(scenario, &fault)) {
			unreached++;
			continue;
		}
		tried++;
		check_run(scenario, false);
		harmless += outcome->status == scenario->good;
	}
	printf("%s %s: role %u makes %u, %u failed in turn, %u without harm%s\n", kind_name,
	       scenario->name, number, role->count, tried, harmless,
	       unreached ? ", others could not" : "");
	fflush(stdout);
}

static void try_calls(const struct scenario *scenario, enum fault_kind kind)
{
	static struct outcome counted;
	struct fault none = { .kind = kind == FAULT_TRACEE ? kind : FAULT_NONE };

	run(scenario, &none);
	forget_good();
	check_run(scenario, false);
	run(scenario, &none); /* the first run may have enlarged the process */
	note_good(scenario);
	check_run(scenario, false);
	if (outcome->status != scenario->good)
		wrong("the run fails without a fault");
	memcpy(&counted, outcome, sizeof(counted));
	for (unsigned i = 0; i < TRACER_ROLES && i < counted.role_count; i++)
		if (only_role == -1UL || only_role == i)
			try_role(scenario, kind, i, &counted.roles[i]);
}

/* ---- Allocations -------------------------------------------------------------------------- */

static void try_allocations(const struct scenario *scenario)
{
	const struct fault none = { .kind = FAULT_KILL, .role = TRACER_ROLES };
	unsigned count, step, tried = 0, harmless = 0;

	setenv("LD_PRELOAD", preloaded, 1);
	shared->at = shared->seen = 0;
	run(scenario, &none);
	count = shared->seen;
	note_good(scenario);
	step = thorough ? 1 : count / 12 + 1;
	for (unsigned at = 1; at <= count; at += step) {
		if (only_at && at != only_at)
			continue;
		shared->seen = 0;
		shared->at = alloc_at = at;
		run(scenario, &none);
		unsetenv("LD_PRELOAD");
		check_run(scenario, false);
		setenv("LD_PRELOAD", preloaded, 1);
		harmless += outcome->status == scenario->good;
		tried++;
	}
	unsetenv("LD_PRELOAD");
	shared->at = alloc_at = 0;
	printf("allocations %s: %u, %u failed in turn, %u without harm\n", scenario->name, count,
	       tried, harmless);
	fflush(stdout);
}

/* ---- Killing ------------------------------------------------------------------------------ */

struct kills {
	unsigned killed, made;
};

static void kill_one(const struct scenario *scenario, enum fault_kind kind, unsigned role,
		     unsigned at, unsigned victim, struct kills *kills)
{
	const struct fault fault = { .kind = kind, .role = role, .at = at, .victim = victim };

	if (only_at && at != only_at)
		return;
	run(scenario, &fault);
	check_run(scenario, true);
	kills->killed += outcome->done;
	kills->made += !is_old();
}

/* Kills a random process when a random process makes a random call. */
static void kill_at_random(const struct scenario *scenario, const struct outcome *counted,
			   unsigned tries, struct kills *kills)
{
	unsigned roles = counted->role_count < TRACER_ROLES ? counted->role_count : TRACER_ROLES;

	while (tries--) {
		unsigned role = (unsigned)random() % roles, count = counted->roles[role].count;
		unsigned victim = (unsigned)random() % (roles + scenario->target);

		if (count)
			kill_one(scenario, FAULT_KILL, role, 1 + (unsigned)random() % count,
				 victim == roles ? FAULT_OTHER : victim, kills);
	}
}

/* Kills each other process when one makes one of its first three calls of a kind, for example
 * between two calls that belong together. */
static void kill_others(const struct scenario *scenario, const struct outcome *counted,
			struct kills *kills)
{
	unsigned roles = counted->role_count < TRACER_ROLES ? counted->role_count : TRACER_ROLES;
	unsigned victims = roles + scenario->target;

	for (unsigned role = 0; role < roles; role++)
		for (unsigned i = 0; i < counted->roles[role].count && i < TRACER_CALLS; i++)
			for (unsigned victim = 0; victim < victims; victim++)
				if (victim != role
				    && is_among_first(3, &counted->roles[role], i))
					kill_one(scenario, FAULT_KILL, role, i + 1,
						 victim == roles ? FAULT_OTHER : victim,
						 kills);
}

/* Kills the original when the last process, the writer, makes any call. The writer then
 * continues without a time limit. */
static void kill_slowly(const struct scenario *scenario, const struct outcome *counted,
			struct kills *kills)
{
	unsigned writer = counted->role_count - 1;

	if (scenario->leave_first || scenario->target)
		return;
	for (unsigned i = 0; i < counted->roles[writer].count; i += thorough ? 1 : 8)
		kill_one(scenario, FAULT_ORPHAN, writer, i + 1, 0, kills);
}

static void try_kills(const struct scenario *scenario)
{
	static struct outcome counted;
	const struct fault none = { .kind = FAULT_NONE };
	struct kills kills = { 0 };

	if (!scenario->writes)
		return;
	run(scenario, &none);
	memcpy(&counted, outcome, sizeof(counted));
	kill_at_random(scenario, &counted, thorough ? 200 : 20, &kills);
	kill_others(scenario, &counted, &kills);
	kill_slowly(scenario, &counted, &kills);
	/* Kill each process at each of its calls. */
	for (unsigned role = 0; thorough && role < TRACER_ROLES; role++)
		for (unsigned at = 1; at <= counted.roles[role].count; at++)
			kill_one(scenario, FAULT_KILL, role, at, role, &kills);
	printf("kills %s: %u, %u dumps made\n", scenario->name, kills.killed, kills.made);
	fflush(stdout);
}

/* ---- All of it ---------------------------------------------------------------------------- */

static void set_up(void)
{
	char *common = roundtrip_path("shared");
	const char *source = getenv("top_srcdir");
	int fd = open(common, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && !ftruncate(fd, sizeof(*shared)));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED);
	close(fd);
	setenv(FAULT_SHARED, common, 1);
	free(common);
	CHECK(asprintf(&core, "%s/tests/core/tiny.core", source ? source : "..") > 0);
	directory = roundtrip_path("there");
	CHECK(!mkdir(directory, 0700));
	path = roundtrip_path("there/dump");
	input = roundtrip_path("input");
	output = roundtrip_path("output");
	errors = roundtrip_path("errors");
	own_dump = roundtrip_path("own");
	pid_dump = roundtrip_path("of-pid");
	subject = roundtrip_built("tests/fault/subject");
	preloaded = roundtrip_built("tests/fault/.libs/libfail_malloc.so");
	tool = getenv("UNEXEC_TOOL");
	close(open(input, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	outcome = malloc(sizeof(*outcome));
}

/* Makes the dumps that other scenarios start and inspect. */
static void make_dumps(void)
{
	const char *own[] = { subject, "dump", own_dump, NULL };
	const char *of_pid[] = { tool, "dump", "-o", pid_dump, target_pid, NULL };
	struct command command = { .argv = own, .input = input, .output = output,
				   .errors = errors };

	/* The preloaded library is part of the dump. */
	setenv("LD_PRELOAD", preloaded, 1);
	trace(&command, NULL, outcome);
	unsetenv("LD_PRELOAD");
	CHECK_EQUAL(outcome->status, 0);
	start_target();
	command.argv = of_pid;
	trace(&command, NULL, outcome);
	if (outcome->status)
		roundtrip_skip("a process cannot be dumped here");
}

static bool wanted(const char *word, const char *argument)
{
	return !argument || !strcmp(word, argument);
}

static void try_all(const char *kind, const char *name)
{
	const char *const kinds[] = { "calls", "calls-in-target", "allocations", "kills" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		kind_name = kinds[i];
		for (struct scenario *scenario = scenarios; scenario->name; scenario++) {
			if (!wanted(kinds[i], kind) || !wanted(scenario->name, name))
				continue;
			if (i == 0)
				try_calls(scenario, FAULT_CALL);
			else if (i == 1 && (scenario->target || scenario->leave_first))
				try_calls(scenario, FAULT_TRACEE);
			else if (i == 2)
				try_allocations(scenario);
			else if (i == 3)
				try_kills(scenario);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned seed;

	thorough = getenv("UNEXEC_TEST_LONG") != NULL;
	keep_going = getenv("FAULT_KEEP_GOING") != NULL;
	roundtrip_time_limit = thorough ? 36000 : 600;
	roundtrip_begin();
	if (*SANITIZERS)
		roundtrip_skip("sanitizers work neither with ptrace nor with another malloc");
	set_up();
	make_dumps();
	for (struct scenario *scenario = scenarios; scenario->name; scenario++)
		name_files(scenario);
	seed = getenv("FAULT_SEED") ? (unsigned)atoi(getenv("FAULT_SEED")) : SEED;
	srandom(seed);
	printf("seed %u\n", seed);
	if (argc > 4) {
		only_role = strtoul(argv[3], NULL, 10);
		only_at = strtoul(argv[4], NULL, 10);
	}
	try_all(argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL);
	end_target();
	return wrongs ? 1 : 0;
}
