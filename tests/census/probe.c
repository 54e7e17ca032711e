/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Probes entries of the census that have no other test: a dump and a dump of it have what the
 * census calls preserved, and do not have what it calls reset or lost.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch_census.h"
#include "shared/census.h"

#include "../lib/roundtrip.h"

#define OLD_LIMIT 321 /* of the process that is dumped */
#define NEW_LIMIT 322 /* of the process that starts the dump */
#define MEMORY (64L << 20)

/* ---- What the processes of the test have ------------------------------------------------ */

static struct {
	long cpu, faults, peak, keyring;
	unsigned long long start_time, core;
	pid_t parent;
	char *exe;
} old;

/* Returns the number in /proc/self/status, or -1. */
static long status_number(const char *key)
{
	char *text = roundtrip_read("/proc/self/status"), *line = strstr(text, key);
	long number = line ? strtol(line + strlen(key), NULL, 10) : -1;

	free(text);
	return number;
}

static unsigned long long start_time(void)
{
	char *text = roundtrip_read("/proc/self/stat"), *field = strrchr(text, ')');
	unsigned long long ticks;

	for (int i = 2; i < 22; i++)
		field = strchr(field + 1, ' ');
	ticks = strtoull(field, NULL, 10);
	free(text);
	return ticks;
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static char *link_target(const char *path)
{
	char target[4096];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	target[length < 0 ? 0 : length] = 0;
	return strdup(target);
}

static bool leads_to(const char *path, const char *target)
{
	char *now = link_target(path);
	bool same = !strcmp(now, target);

	free(now);
	return same;
}

/* ---- Probes ----------------------------------------------------------------------------- */

static bool set_anonymous_name(void)
{
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memory[0] = 1;
	return !prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, memory, 4096, "census");
}

static bool has_anonymous_name(void)
{
	char *text = roundtrip_read("/proc/self/maps");
	bool has = strstr(text, "[anon:census]");

	free(text);
	return has;
}

static bool set_cpu_time(void)
{
	while (clock() < CLOCKS_PER_SEC / 2)
		;
	old.cpu = clock();
	return true;
}

static bool has_cpu_time(void)
{
	return clock() >= old.cpu;
}

static bool set_start_time(void)
{
	old.start_time = start_time();
	return true;
}

static bool has_start_time(void)
{
	return start_time() == old.start_time;
}

static bool set_faults(void)
{
	char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	madvise(memory, MEMORY, MADV_NOHUGEPAGE);
	memset(memory, 1, MEMORY);
	munmap(memory, MEMORY);
	old.faults = faults();
	return true;
}

static bool has_faults(void)
{
	return faults() >= old.faults;
}

static bool set_peak(void)
{
	old.peak = status_number("VmHWM:");
	return old.peak > MEMORY / 1024 / 2;
}

static bool has_peak(void)
{
	return status_number("VmHWM:") >= old.peak;
}

static bool set_session_keyring(void)
{
	old.keyring = syscall(SYS_keyctl, 1, "census"); /* KEYCTL_JOIN_SESSION_KEYRING */
	return old.keyring > 0;
}

static bool has_session_keyring(void)
{
	return syscall(SYS_keyctl, 0, -3, 0) == old.keyring; /* KEYCTL_GET_KEYRING_ID */
}

static bool set_nice(void)
{
	return !setpriority(PRIO_PROCESS, 0, 3);
}

static bool has_nice(void)
{
	return getpriority(PRIO_PROCESS, 0) == 3;
}

static bool set_reset_on_fork(void)
{
	struct sched_param parameters = { 0 };

	return !sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &parameters);
}

static bool has_reset_on_fork(void)
{
	return sched_getscheduler(0) & SCHED_RESET_ON_FORK;
}

static bool set_parent(void)
{
	old.parent = getppid();
	return true;
}

static bool has_parent(void)
{
	return getppid() == old.parent;
}

static bool set_exe(void)
{
	old.exe = link_target("/proc/self/exe");
	return true;
}

static bool has_exe(void)
{
	return leads_to("/proc/self/exe", old.exe);
}

static bool set_limit(rlim_t value)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = value;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

static bool set_limits(void)
{
	return set_limit(OLD_LIMIT);
}

static bool has_limits(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur == OLD_LIMIT;
}

static bool set_io_flusher(void)
{
	return !prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
}

static bool has_io_flusher(void)
{
	return prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0) == 1;
}

/* Without privileges, a process that may not be traced cannot be dumped. */
static bool set_dumpable(void)
{
	return !geteuid() && !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static bool has_dumpable(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool set_subreaper(void)
{
	return !prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static bool has_subreaper(void)
{
	int subreaper = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
	return subreaper;
}

static bool set_membarrier(void)
{
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
}

/* The kernel refuses the command to a process that has not registered. */
static bool has_membarrier(void)
{
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

#define SET_CPUID 0x1012 /* ARCH_SET_CPUID, of arch_prctl on x86-64 */
#define GET_CPUID 0x1011

static bool set_cpuid(void)
{
#ifdef SYS_arch_prctl
	return !syscall(SYS_arch_prctl, SET_CPUID, 0);
#else
	return false;
#endif
}

static bool has_cpuid(void)
{
#ifdef SYS_arch_prctl
	return syscall(SYS_arch_prctl, GET_CPUID, 0) == 0;
#else
	return false;
#endif
}

#ifndef PR_FUTEX_HASH /* since 6.16 */
#define PR_FUTEX_HASH 78
#define PR_FUTEX_HASH_SET_SLOTS 1
#define PR_FUTEX_HASH_GET_SLOTS 2
#endif

static bool set_futex_slots(void)
{
	return !prctl(PR_FUTEX_HASH, PR_FUTEX_HASH_SET_SLOTS, 64, 0, 0);
}

static bool has_futex_slots(void)
{
	return prctl(PR_FUTEX_HASH, PR_FUTEX_HASH_GET_SLOTS, 0, 0, 0) == 64;
}

#ifndef PR_SCHED_CORE /* since 5.14 */
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_GET 0
#define PR_SCHED_CORE_CREATE 1
#endif

/* Threads with one cookie may share a core. */
static unsigned long long core_cookie(void)
{
	unsigned long long cookie = 0;

	prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0, &cookie);
	return cookie;
}

static bool set_core_scheduling(void)
{
	if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, 0, 0))
		return false;
	old.core = core_cookie();
	return true;
}

static bool has_core_scheduling(void)
{
	return core_cookie() == old.core;
}

/* PR_RSEQ_SLICE_EXTENSION, since 7.0: 1 reads, 2 sets. */
static bool set_slices(void)
{
	return !prctl(79, 2, 1, 0, 0);
}

static bool has_slices(void)
{
	return prctl(79, 1, 0, 0, 0) == 1;
}

/* The start of struct sched_attr. A slice is SCHED_OTHER's runtime, since 6.12. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

#define SLICE 7654321

static bool has_slice(void)
{
	struct attributes attributes = { 0 };

	return !syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0)
	       && attributes.runtime == SLICE;
}

static bool set_slice(void)
{
	struct attributes attributes = { 0 };

	if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0))
		return false;
	attributes.runtime = SLICE;
	return !syscall(SYS_sched_setattr, 0, &attributes, 0) && has_slice();
}

#ifdef SYS_modify_ldt
static bool has_ldt(void)
{
	uint64_t entry;

	return syscall(SYS_modify_ldt, 0, &entry, sizeof(entry)) > 0;
}

static bool set_ldt(void)
{
	const uint32_t entry[4] = { 0, 0, 0xfffff, 0x51 }; /* struct user_desc */

	return !syscall(SYS_modify_ldt, 1, entry, sizeof(entry)) && has_ldt();
}
#endif

/* `start` of an entry in the census */
enum start { PRESERVED, RESET, REFUSED, WARNED, UNSEEN };

struct entry {
	const char *name;
	enum start start;
	const char *test;
};

#define THING(group, name, from, start, text, seen, test) { name, start, test },
static const struct entry census[] = { CENSUS(THING) CENSUS_MACHINE(THING) };
#undef THING

/* set: returns false if this machine has no such thing. */
static const struct probe {
	const char *name;
	bool (*set)(void), (*has)(void);
} probes[] = {
	{ "anonymous_name", set_anonymous_name, has_anonymous_name },
	{ "cpu_time", set_cpu_time, has_cpu_time },
	{ "start_time", set_start_time, has_start_time },
	{ "faults", set_faults, has_faults },
	{ "peak", set_peak, has_peak },
	{ "session_keyring", set_session_keyring, has_session_keyring },
	{ "nice", set_nice, has_nice },
	{ "reset_on_fork", set_reset_on_fork, has_reset_on_fork },
	{ "parent", set_parent, has_parent },
	{ "exe", set_exe, has_exe },
	{ "limits", set_limits, has_limits },
	{ "dumpable", set_dumpable, has_dumpable },
	{ "cpuid", set_cpuid, has_cpuid },
	{ "futex_slots", set_futex_slots, has_futex_slots },
	{ "core_scheduling", set_core_scheduling, has_core_scheduling },
#ifdef SYS_modify_ldt
	{ "ldt", set_ldt, has_ldt },
#endif
	{ "slice", set_slice, has_slice },
	{ "slices", set_slices, has_slices },
	{ "subreaper", set_subreaper, has_subreaper },
	{ "membarrier", set_membarrier, has_membarrier },
	{ "io_flusher", set_io_flusher, has_io_flusher },
};

#define PROBES (sizeof(probes) / sizeof(*probes))
#define ENTRIES (sizeof(census) / sizeof(*census))

/* Which of them this machine has */
static bool available[PROBES];

/* ---- Surroundings, which are the starter's ---------------------------------------------- */

static const struct { const char *probe, *file; } surroundings[] = {
	{ "autogroup", "autogroup" }, { "cgroup", "cgroup" },	   { "cpuset", "cpuset" },
	{ "audit", "loginuid" },      { "audit", "sessionid" },	   { "label", "attr/current" },
};

#define SURROUNDINGS (sizeof(surroundings) / sizeof(*surroundings))

static char *read_if_any(int process, const char *file)
{
	char path[60], *text;

	snprintf(path, sizeof(path), "/proc/%d/%s", process, file);
	if (access(path, R_OK))
		return NULL;
	text = roundtrip_read(path);
	return text;
}

static void check_surroundings(void)
{
	for (size_t i = 0; i < SURROUNDINGS; i++) {
		char *own = read_if_any(getpid(), surroundings[i].file);
		char *starters = read_if_any(getppid(), surroundings[i].file);

		if (own && starters)
			CHECK_STRING(own, starters);
		free(own);
		free(starters);
	}
}

/* ---- The test --------------------------------------------------------------------------- */

static size_t find_probe(const char *name)
{
	size_t i = 0;

	while (i < PROBES && strcmp(probes[i].name, name))
		i++;
	return i;
}

static bool is_surrounding(const char *name)
{
	for (size_t i = 0; i < SURROUNDINGS; i++)
		if (!strcmp(surroundings[i].probe, name))
			return true;
	return false;
}

/* Returns the probe's name of an entry that has one, else NULL. */
static const char *probe_of(const struct entry *entry)
{
	static const char prefix[] = "census/probe:";

	return strncmp(entry->test, prefix, sizeof(prefix) - 1) ? NULL
								: entry->test + sizeof(prefix) - 1;
}

static bool is_in_census(const struct probe *probe)
{
	for (const struct entry *entry = census; entry < census + ENTRIES; entry++) {
		const char *name = probe_of(entry);

		if (name && !strcmp(name, probe->name))
			return true;
	}
	return false;
}

static void set_all(void)
{
	for (size_t i = 0; i < PROBES; i++) {
		if (!is_in_census(&probes[i]))
			roundtrip_fail(__FILE__, __LINE__, probes[i].name);
		available[i] = probes[i].set();
		if (!available[i])
			printf("%s: not on this machine\n", probes[i].name);
		else if (!probes[i].has())
			roundtrip_fail(__FILE__, __LINE__, probes[i].name);
	}
}

static void check_all(int generation)
{
	int failed = 0;

	for (const struct entry *entry = census; entry < census + ENTRIES; entry++) {
		const char *name = probe_of(entry);
		size_t i = name ? find_probe(name) : PROBES;
		bool has;

		if (name && i == PROBES && !is_surrounding(name))
			roundtrip_fail(__FILE__, __LINE__, name);
		if (i == PROBES || !available[i])
			continue;
		has = probes[i].has();
		if (has == (entry->start == PRESERVED))
			continue;
		printf("generation %d: %s: the dump %s it\n", generation, entry->name,
		       has ? "has" : "does not have");
		failed++;
	}
	CHECK_EQUAL(failed, 0);
}

/* The process that starts the dump has other settings than the program. */
static void be_another_starter(void)
{
	setpriority(PRIO_PROCESS, 0, 7);
	set_limit(NEW_LIMIT);
	if (chdir("/") || syscall(SYS_keyctl, 1, "starter") == 0)
		_exit(1);
	prctl(PR_SET_IO_FLUSHER, 0, 0, 0, 0);
	prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, 0, 0);
}

int main(void)
{
	const struct roundtrip how = { .prepare = be_another_starter };

	roundtrip_begin();
	set_all();
	for (int generation = 1; generation <= 2; generation++) {
		roundtrip_cut_with(&how);
		check_all(generation);
		check_surroundings();
	}
	return 0;
}
