/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The restarter without a kernel: each part gets a plan made by hand, its system calls are
 * recorded, and the test answers them.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch_frame.h"
#include "arch_thread.h"
#include "cpu_ask.h"
#include "restarter/descriptors/descriptors.h"
#include "restarter/restarter.h"
#include "unit.h"

#undef fail /* an old macro of Check's */

/* ---- The recorder ----------------------------------------------------------------------- */

/* Formats of arguments: d decimal, x hexadecimal, s a string, a four words in memory,
 * * a pointer that differs from run to run, - prctl's second. */
static const struct {
	long number;
	const char *name, *arguments;
} calls[] = {
	{ __NR_mmap, "mmap", "xxxxdx" }, { __NR_munmap, "munmap", "xx" },
	{ __NR_mlock2, "mlock2", "xxx" }, { __NR_mlockall, "mlockall", "x" },
	{ __NR_mremap, "mremap", "xxxxx" }, { __NR_mprotect, "mprotect", "xxx" },
	{ __NR_madvise, "madvise", "xxd" }, { __NR_pread64, "pread64", "d*xx" }, { __NR_brk, "brk", "x" },
	{ __NR_openat, "openat", "dsx" }, { __NR_close, "close", "d" },
	{ __NR_dup3, "dup3", "ddx" }, { __NR_lseek, "lseek", "ddd" },
	{ __NR_memfd_create, "memfd_create", "sx" }, { __NR_ftruncate, "ftruncate", "dx" },
	{ __NR_pwrite64, "pwrite64", "dxxx" }, { __NR_fcntl, "fcntl", "ddx" },
	{ __NR_fchmod, "fchmod", "dx" }, { __NR_fchownat, "fchownat", "dsxxx" },
	{ __NR_utimensat, "utimensat", "dsax" },
	{ __NR_prctl, "prctl", "d-*d" }, { __NR_setitimer, "setitimer", "dad" },
	{ __NR_membarrier, "membarrier", "xdd" },
	{ __NR_rt_sigaction, "rt_sigaction", "dadd" },
	{ __NR_rt_sigqueueinfo, "rt_sigqueueinfo", "dda" },
	{ __NR_rt_tgsigqueueinfo, "rt_tgsigqueueinfo", "ddda" },
	{ __NR_set_tid_address, "set_tid_address", "x" },
	{ __NR_arch_prctl, "arch_prctl", "xx" },
	{ __NR_set_robust_list, "set_robust_list", "xd" }, { __NR_rseq, "rseq", "xdxx" },
	{ __NR_gettid, "gettid", "" }, { __NR_getpid, "getpid", "" },
	{ __NR_kill, "kill", "dd" }, { __NR_tgkill, "tgkill", "ddd" },
	{ __NR_setpriority, "setpriority", "ddd" },
	{ __NR_sched_setscheduler, "sched_setscheduler", "dd*" },
	{ __NR_sched_setaffinity, "sched_setaffinity", "dd*" },
	{ __NR_read, "", "" }, /* of maps, in pieces: not written down */
	{ __NR_clock_gettime, "", "" },
};

static struct {
	char log[4096];
	size_t length;
	/* The call with that number, after `skip` others, returns `result`. */
	struct {
		long number;
		int skip;
		long result;
	} answers[4];
	long descriptor; /* of the next file opened */
	long tid;
	const char *maps; /* not yet read */
	struct prctl_mm_map mm;
	const long *clock; /* nanoseconds of the next questions */
} recorder;

static void reset(void)
{
	memset(&recorder, 0, sizeof(recorder));
	recorder.descriptor = 3;
	recorder.tid = 4242;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	recorder.length += (size_t)vsnprintf(recorder.log + recorder.length,
					     sizeof(recorder.log) - recorder.length, format,
					     arguments);
	va_end(arguments);
	ck_assert_uint_lt(recorder.length, sizeof(recorder.log));
}

static void note_argument(char kind, long value)
{
	const uint64_t *words = (const uint64_t *)value;

	if (kind == 'd')
		note("%ld", value);
	else if (kind == 'x')
		note("%#lx", value);
	else if (kind == 's')
		note("%s", (const char *)value);
	else if (kind == 'a')
		note("{%ld %ld %ld %ld}", (long)words[0], (long)words[1], (long)words[2],
		     (long)words[3]);
	else
		note("%s", value ? "*" : "0");
}

/* The kind of an argument of prctl that depends on the first. */
static char kind_of(char kind, const long arguments[6])
{
	if (kind != '-')
		return kind;
	return arguments[0] == PR_SET_NAME ? 's' : 'd';
}

static void note_call(long number, const long arguments[6])
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (calls[i].number != number)
			continue;
		if (!*calls[i].name)
			return;
		note("%s(", calls[i].name);
		for (size_t j = 0; calls[i].arguments[j]; j++) {
			note("%s", j ? ", " : "");
			note_argument(kind_of(calls[i].arguments[j], arguments), arguments[j]);
		}
		note(")\n");
		return;
	}
	ck_abort_msg("unexpected system call %ld", number);
}

/* Returns few bytes at a time, so that each line takes several reads. */
static long read_maps(char *buffer)
{
	size_t length = strnlen(recorder.maps, 7);

	memcpy(buffer, recorder.maps, length);
	recorder.maps += length;
	return (long)length;
}

/* No CPU is asked here. */
void arch_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
	ck_abort_msg("leaf %#x, %u, %p", leaf, subleaf, (void *)registers);
}

uint32_t arch_xgetbv(void)
{
	ck_abort_msg("XCR0");
}

uint32_t arch_read_keys(void)
{
	ck_abort_msg("keys");
}

long recorder_call(long number, const long arguments[6])
{
	if (number == __NR_write && arguments[0] == 2)
		return write(2, (const void *)arguments[1], (size_t)arguments[2]);
	if (number == __NR_exit_group)
		_exit((int)arguments[0]);
	if (number == __NR_readlinkat) {
		memcpy((void *)arguments[2], "/dump", 5);
		return 5;
	}
	note_call(number, arguments);
	for (size_t i = 0; i < sizeof(recorder.answers) / sizeof(*recorder.answers); i++)
		if (recorder.answers[i].number == number && recorder.answers[i].result
		    && recorder.answers[i].skip-- == 0)
			return recorder.answers[i].result;
	if (number == __NR_prctl && arguments[0] == PR_SET_MM)
		recorder.mm = *(const struct prctl_mm_map *)arguments[2];
	if (number == __NR_mmap)
		return arguments[0];
	if (number == __NR_mremap)
		return arguments[4];
	if (number == __NR_openat || number == __NR_memfd_create)
		return recorder.descriptor;
	if (number == __NR_pwrite64) /* in two */
		return (arguments[2] + 1) / 2;
	if (number == __NR_set_tid_address || number == __NR_gettid || number == __NR_getpid)
		return recorder.tid;
	if (number == __NR_clock_gettime)
		((struct timespec *)arguments[1])->tv_nsec = *recorder.clock++;
	if (number == __NR_read)
		return read_maps((char *)arguments[1]);
	return 0;
}

static void answer(int index, long number, int skip, long result)
{
	recorder.answers[index].number = number;
	recorder.answers[index].skip = skip;
	recorder.answers[index].result = result;
}

/* Runs it in a child, which must print the message and end as a dump that cannot start. */
static void check_fails(void (*run)(const void *), const void *argument, const char *message)
{
	char text[1100] = "";
	size_t length = 0;
	ssize_t got;
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 2);
		run(argument);
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_str_eq(text, message);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 125);
}

/* ---- Plans ------------------------------------------------------------------------------ */

static _Alignas(16) char plan_bytes[8192];
static size_t plan_used;

static struct plan_table put(const void *entries, size_t count, size_t size)
{
	struct plan_table table = { (uint32_t)plan_used, (uint32_t)count };

	ck_assert_uint_lt(plan_used + count * size, sizeof(plan_bytes));
	memcpy(plan_bytes + plan_used, entries, count * size);
	plan_used += (count * size + 15) & ~(size_t)15;
	return table;
}

#define PUT(plan, table, entries) \
	((plan)->table = put(entries, sizeof(entries) / sizeof(*(entries)), \
			     sizeof(*(entries))))

static const char strings[] = "/first\0/second file\0__vdso_clock_gettime\0no_such_function";
#define FIRST 0
#define NO_NAME 6
#define SECOND 7
#define CLOCK_GETTIME 20
#define NO_SUCH 41

static struct plan *new_plan(void)
{
	struct plan *plan = (struct plan *)plan_bytes;

	reset();
	memset(plan_bytes, 0, sizeof(plan_bytes));
	plan_used = (sizeof(*plan) + 15) & ~(size_t)15;
	plan->strings = put(strings, sizeof(strings), 1);
	plan->magic = PLAN_MAGIC;
	plan->page_size = 4096;
	plan->parking = 0x30000000;
	return plan;
}

/* ---- block.c ---------------------------------------------------------------------------- */

#define BLOCK_ROOM (4 << 20)

struct shape {
	size_t argc, envc, length; /* of each string, without NUL */
};

static const struct shape shapes[] = {
	{ 0, 0, 0 }, { 0, 3, 5 }, { 3, 0, 5 }, { 2, 2, 0 }, { 2000, 900, 1000 },
	{ 1, 1, 1 << 20 },
};

/* Writes the nth string: one letter, repeated, so that neighbours differ. */
static char *put_string(char *at, size_t n, size_t length)
{
	memset(at, 'a' + (int)(n % 26), length);
	at[length] = 0;
	return at + length + 1;
}

/* Builds the kernel's initial stack (fs/binfmt_elf.c, create_elf_tables) in `room`. */
static uint64_t *build_block(const struct shape *shape, char *room, char **ret_end)
{
	uint64_t *words = (uint64_t *)room, *word = words;
	size_t count = shape->argc + shape->envc;
	char *string = room + (count + 40) * 8, *random = string;

	memcpy(random, "sixteen bytes!!!", 16);
	string += 19; /* strings need no alignment */
	*word++ = shape->argc;
	for (size_t i = 0; i < count; i++) {
		if (i == shape->argc)
			*word++ = 0;
		*word++ = (uint64_t)string;
		string = put_string(string, i, shape->length);
	}
	if (!shape->envc)
		*word++ = 0;
	*word++ = 0;
	memcpy(word, (uint64_t[]){ AT_SYSINFO_EHDR, 0x7fff00001000, AT_HWCAP, 0x178bfbff,
				   AT_PAGESZ, 4096, AT_ENTRY, (uint64_t)room - 1,
				   AT_RANDOM, (uint64_t)random,
				   AT_EXECFN, (uint64_t)string, AT_UID, 0,
				   AT_NULL, 0 }, 16 * 8);
	string = put_string(string, 25, 11);
	memset(string, 0, 8);
	*ret_end = string + 8;
	ck_assert(*ret_end <= room + BLOCK_ROOM);
	return words;
}

static void check_strings(const uint64_t *array, size_t first, size_t count, size_t length,
			  const struct block *block)
{
	for (size_t i = 0; i < count; i++) {
		const char *string = (const char *)array[i];

		ck_assert(array[i] >= block->start && array[i] < block->end);
		ck_assert_uint_eq(strlen(string), length);
		if (length)
			ck_assert_int_eq(string[length - 1], 'a' + (int)((first + i) % 26));
	}
	ck_assert_uint_eq(array[count], 0);
}

START_TEST(block_is_copied)
{
	const struct shape *shape = &shapes[_i];
	char *old = malloc(BLOCK_ROOM), *new = malloc(BLOCK_ROOM), *end;
	uint64_t *words = build_block(shape, old, &end);
	size_t one = shape->length + 1;
	struct block block;

	block_read(&block, (uint64_t)words);
	ck_assert_uint_eq(block.start, (uint64_t)old);
	ck_assert_uint_eq(block.end, (uint64_t)end);
	ck_assert_uint_eq(block.argc, shape->argc);
	ck_assert_uint_eq(block.auxv_size, 8 * 16);
	ck_assert_uint_eq(block.arg_end - block.arg_start, shape->argc * one);
	ck_assert_uint_eq(block.env_end - block.env_start, shape->envc * one);

	block_copy(&block, (uint64_t)new);
	memset(old, 0xee, (size_t)(end - old));
	ck_assert_uint_eq(block.start, (uint64_t)new);
	ck_assert_uint_eq(block.end, (uint64_t)(new + (end - old)));
	ck_assert_uint_eq(*(uint64_t *)new, shape->argc);
	check_strings((uint64_t *)block.argv, 0, shape->argc, shape->length, &block);
	check_strings((uint64_t *)block.envp, shape->argc, shape->envc, shape->length, &block);
	ck_assert_uint_eq(block.arg_end - block.arg_start, shape->argc * one);
	ck_assert_uint_eq(block.env_end - block.env_start, shape->envc * one);
	if (shape->argc)
		ck_assert_uint_eq(block.arg_start, *(uint64_t *)block.argv);
	if (shape->envc)
		ck_assert_uint_eq(block.env_start, *(uint64_t *)block.envp);

	ck_assert_str_eq((char *)*block_auxv(&block, AT_EXECFN), "zzzzzzzzzzz");
	ck_assert_mem_eq((char *)*block_auxv(&block, AT_RANDOM), "sixteen bytes!!!", 16);
	ck_assert_uint_eq(*block_auxv(&block, AT_SYSINFO_EHDR), 0x7fff00001000);
	ck_assert_uint_eq(*block_auxv(&block, AT_HWCAP), 0x178bfbff);
	ck_assert_uint_eq(*block_auxv(&block, AT_ENTRY), (uint64_t)old - 1);
	ck_assert_uint_eq(*block_auxv(&block, AT_UID), 0);
	ck_assert_ptr_null(block_auxv(&block, AT_PLATFORM));
	free(old);
	free(new);
}
END_TEST

/* One variable stays, one is changed, one removed, one added; "AB" only begins like "A". */
START_TEST(environment_is_merged)
{
	static const char own[] = "A=own", added[] = "NEW=own";
	struct {
		struct plan plan;
		struct plan_variable variables[3];
		char strings[16];
	} all = { .plan = { .variables = { sizeof(all.plan), 3 },
			    .strings = { sizeof(all.plan) + sizeof(all.variables), 16 } },
		  .variables = { { .string = (uint64_t)own, .name = 0 },
				 { .string = (uint64_t)added, .name = 2 },
				 { .string = 0, .name = 6 } },
		  .strings = "A\0NEW\0GONE" };
	static const char *const argv[] = { "program", NULL };
	static const char *const envp[] = { "AB=1", "A=2", "GONE=3", "A", "B=4", NULL };
	static const char *const expected[] = { "AB=1", "B=4", own, added };
	char *room = malloc(200);
	struct block block = { .argc = 1, .argv = (uint64_t)argv, .envp = (uint64_t)envp,
			       .end = (uint64_t)room + 3 };
	uint64_t *merged = (uint64_t *)environment_merge(&all.plan, &block);

	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq((char *)merged[i], expected[i]);
	ck_assert_uint_eq(merged[4], 0);
	ck_assert_uint_eq(merged[-1], 0);
	ck_assert_str_eq((char *)merged[-2], "program");
	ck_assert_uint_eq(merged[-3], 1);
	ck_assert_uint_ge(environment_room(&all.plan, &block), (uint64_t)(merged + 5) - block.end);
	free(room);

	all.plan.variables.count = 0;
	ck_assert_uint_eq(environment_merge(&all.plan, &block), (uint64_t)envp);
	ck_assert_uint_eq(environment_room(&all.plan, &block), 0);
}
END_TEST

static void read_block(const void *words)
{
	struct block block;

	block_read(&block, (uint64_t)words);
}

START_TEST(block_without_end)
{
	static const uint64_t words[] = { 0, 0, 0, AT_PAGESZ, 4096, AT_NULL, 0 };

	check_fails(read_block, words, "unexec: /dump: error: cannot find the end of the kernel's stack\n");
}
END_TEST

/* ---- memory.c --------------------------------------------------------------------------- */

static char copy_source[24] = "these bytes are copied", copy_target[24];

static const struct plan *memory_plan(void)
{
	const struct plan_op ops[] = {
		{ .kind = PLAN_ANON, .prot = 3, .start = 0x1000, .length = 0x2000 },
		{ .kind = PLAN_ANON, .prot = 0, .flags = PLAN_NORESERVE, .start = 0x10000,
		  .length = 0x10000000000 },
		{ .kind = PLAN_ANON, .prot = 3, .flags = PLAN_GROWSDOWN, .start = 0x8000,
		  .length = 0x1000 },
		{ .kind = PLAN_SHARED, .prot = 1, .start = 0x20000, .length = 0x3000 },
		{ .kind = PLAN_FILE, .prot = 3, .flags = O_RDWR, .start = 0x30000,
		  .length = 0x4000, .source = SECOND, .offset = 0x5000 },
		{ .kind = PLAN_MOVE, .start = 0x7ffff7000000, .length = 0x6000,
		  .source = 0x40000000 },
		{ .kind = PLAN_COPY, .start = (uint64_t)copy_target,
		  .length = sizeof(copy_source), .source = (uint64_t)copy_source },
		{ .kind = PLAN_PROTECT, .prot = 5, .start = 0x7ffff7000000, .length = 0x1000 },
		{ .kind = PLAN_ADVISE, .flags = 14, .start = 0x1000, .length = 0x2000 },
		{ .kind = PLAN_GUARD, .start = 0x1000, .length = 0x1000 },
		{ .kind = PLAN_GUARD, .start = 0x8000, .length = 0x1000 },
		{ .kind = PLAN_LOCK, .start = 0x2000, .length = 0x1000 },
	};
	struct plan *plan = new_plan();

	PUT(plan, ops, ops);
	return plan;
}

START_TEST(memory_in_order)
{
	const struct plan *plan = memory_plan();

	answer(0, __NR_madvise, 0, -EINVAL); /* advice: must not matter */
	answer(1, __NR_madvise, 0, -EINVAL); /* a kernel without guards */
	memory_restore(plan);
	ck_assert_str_eq(recorder.log,
			 "mmap(0x1000, 0x2000, 0x3, 0x32, -1, 0)\n"
			 "mmap(0x10000, 0x10000000000, 0, 0x4032, -1, 0)\n"
			 "mmap(0x8000, 0x1000, 0x3, 0x132, -1, 0)\n"
			 "mmap(0x20000, 0x3000, 0x1, 0x31, -1, 0)\n"
			 "openat(-100, /second file, 0x80002)\n"
			 "mmap(0x30000, 0x4000, 0x3, 0x11, 3, 0x5000)\n"
			 "close(3)\n"
			 "mremap(0x40000000, 0x6000, 0x6000, 0x3, 0x7ffff7000000)\n"
			 "mprotect(0x7ffff7000000, 0x1000, 0x5)\n"
			 "madvise(0x1000, 0x2000, 14)\n"
			 "madvise(0x1000, 0x1000, 102)\n"
			 "mprotect(0x1000, 0x1000, 0)\n"
			 "madvise(0x8000, 0x1000, 102)\n");
	ck_assert_str_eq(copy_target, copy_source);
}
END_TEST

static void lock_memory(const void *plan)
{
	memory_lock(plan);
	_exit(125);
}

/* A lock that the kernel refuses ends the locking, but not the start. */
START_TEST(memory_locked)
{
	const struct plan_op ops[] = {
		{ .kind = PLAN_ADVISE, .flags = 14, .start = 0x1000, .length = 0x2000 },
		{ .kind = PLAN_LOCK, .start = 0x2000, .length = 0x1000 },
		{ .kind = PLAN_LOCK, .flags = 1, .start = 0x4000, .length = 0x1000 },
	};
	struct plan *plan = new_plan();

	plan->process.lock_future = 6;
	PUT(plan, ops, ops);
	memory_lock(plan);
	ck_assert_str_eq(recorder.log, "mlock2(0x2000, 0x1000, 0)\nmlock2(0x4000, 0x1000, 0x1)\n"
				       "mlockall(0x6)\n");
	answer(0, __NR_mlock2, 0, -ENOMEM);
	check_fails(lock_memory, plan, "unexec: /dump: warning: memory is not locked (mlock): it is above "
				       "the limit (ulimit -l)\n");
	answer(0, __NR_mlock2, 1, -EPERM);
	check_fails(lock_memory, plan, "unexec: /dump: warning: memory is not locked (mlock): it is not "
				       "permitted\n");
}
END_TEST

/* Large content is read from the dump's file; if the read fails, the rest is copied. */
START_TEST(memory_from_file)
{
	static char source[640 << 10], target[sizeof(source)];
	const struct plan_op ops[] = {
		{ .kind = PLAN_COPY, .start = (uint64_t)target, .length = sizeof(target),
		  .source = (uint64_t)source, .offset = 0x5000 },
	};
	const long read = _i ? -EIO : 0x20000;
	struct plan *plan = new_plan();
	char expected[512];

	PUT(plan, ops, ops);
	memset(source, 'x', sizeof(source));
	answer(0, __NR_pread64, _i ? 0 : 1, read);
	answer(1, __NR_pread64, 0, _i ? 0 : 0x40000);
	memory_restore(plan);
	snprintf(expected, sizeof(expected),
		 "openat(-100, /proc/self/exe, 0x80000)\n"
		 "madvise(%p, 0x40000, 23)\n"
		 "pread64(3, *, 0x40000, 0x5000)\n", target);
	if (!_i)
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
			 "madvise(%p, 0x40000, 23)\n"
			 "pread64(3, *, 0x40000, 0x45000)\n"
			 "madvise(%p, 0x40000, 23)\n"
			 "pread64(3, *, 0x40000, 0x65000)\n", target + 0x40000, target + 0x60000);
	snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
		 "madvise(%p, 0xa0000, 22)\nmadvise(%p, %#x, 23)\nclose(3)\n", source,
		 target + (_i ? 0 : 0x60000), _i ? 0xa0000 : 0x40000);
	ck_assert_str_eq(recorder.log, expected);
	for (size_t i = 0; i < sizeof(target); i++)
		ck_assert_int_eq(target[i], i < 0x60000 && !_i ? 0 : 'x');
}
END_TEST

/* The first run is prefaulted in any case; the others if a write fault, of which the test has three,
 * takes more than three times as long as one of the 5 pages of the first. */
START_TEST(pages_are_prefaulted)
{
	static const struct {
		long clock[5]; /* before the first run, after it, after each fault */
		bool all;
	} cases[] = {
		{ { 0, 5000, 7900, 10800, 13700 }, false },
		{ { 0, 5000, 8100, 11200, 14300 }, true },
		{ { 0, 5000, 9000, 9500, 13500 }, false },
	};
	static char pages[3 * 4096] __attribute__((aligned(4096)));
	const uint64_t runs[] = { 0x10000 | 5, (uint64_t)pages | 3, 0x20000 | 2 };
	struct plan *plan = new_plan();
	char rest[100];

	PUT(plan, prefault, runs);
	plan->prefault_sure = 1;
	memset(pages, 'x', sizeof(pages));
	recorder.clock = cases[_i].clock;
	memory_populate(plan);
	snprintf(rest, sizeof(rest), "madvise(%p, 0x3000, 23)\nmadvise(0x20000, 0x2000, 23)\n", pages);
	ck_assert_str_eq(strtok(recorder.log, "\n"), "madvise(0x10000, 0x5000, 23)");
	ck_assert_str_eq(recorder.log + sizeof("madvise(0x10000, 0x5000, 23)"),
			 cases[_i].all ? rest : "");
	for (size_t i = 0; i < sizeof(pages); i++)
		ck_assert_int_eq(pages[i], 'x');
}
END_TEST

/* Without a choice, nothing is measured. A kernel that rejects the advice is not asked again. */
START_TEST(pages_without_choice)
{
	const uint64_t runs[] = { 0x10000 | 5, 0x20000 | 2 };
	struct plan *plan = new_plan();

	PUT(plan, prefault, runs);
	plan->prefault_sure = 2;
	memory_populate(plan);
	ck_assert_str_eq(recorder.log, "madvise(0x10000, 0x5000, 23)\n"
				       "madvise(0x20000, 0x2000, 23)\n");
	reset();
	answer(0, __NR_madvise, 0, -EINVAL);
	recorder.clock = (const long[]){ 0, 1 };
	plan->prefault_sure = 1;
	memory_populate(plan);
	ck_assert_str_eq(recorder.log, "madvise(0x10000, 0x5000, 23)\n");
}
END_TEST

static void run_memory(const void *plan)
{
	memory_restore(plan);
}

START_TEST(memory_failures)
{
	static const struct {
		long number;
		int skip;
		long result;
		const char *message;
	} cases[] = {
		{ __NR_mmap, 0, -ENOMEM, "restore a mapping: Cannot allocate memory" },
		{ __NR_mmap, 1, -EPERM, "restore a mapping: Operation not permitted" },
		{ __NR_mmap, 2, -EEXIST, "restore a mapping: Already in use" },
		{ __NR_mmap, 3, -EIO, "restore a mapping: error 5" },
		{ __NR_openat, 0, -ENOENT,
		  "open the mapped file /second file: No such file or directory" },
		{ __NR_mmap, 4, -EACCES, "map the file /second file: Permission denied" },
		{ __NR_mremap, 0, -EFAULT, "move memory to its old address: error 14" },
		{ __NR_mprotect, 0, -ENOMEM,
		  "restore the protection of memory: Cannot allocate memory" },
	};
	const struct plan *plan = memory_plan();
	char message[128];

	answer(0, cases[_i].number, cases[_i].skip, cases[_i].result);
	snprintf(message, sizeof(message), "unexec: /dump: error: cannot %s\n", cases[_i].message);
	check_fails(run_memory, plan, message);
}
END_TEST

static struct restart new_restart(struct plan *plan)
{
	plan->mm = (struct plan_mm){ 1, 2, 3, 4, 5, 6, 7 };
	return (struct restart){
		.plan = plan,
		.block = { .arg_start = 11, .arg_end = 12, .env_start = 13, .env_end = 14,
			   .auxv = 15, .auxv_size = 16 },
		.kernel_stack = 0x7ffff0000000,
		.kernel_stack_end = 0x7ffff0021000,
	};
}

START_TEST(kernel_is_told_of_memory)
{
	struct restart restart = new_restart(new_plan());
	const struct prctl_mm_map *mm = &recorder.mm;

	memory_set_mm_map(&restart);
	ck_assert_str_eq(recorder.log, "prctl(35, 14, *, 104)\n"
				       "munmap(0x7ffff0000000, 0x21000)\n");
	ck_assert(mm->start_code == 1 && mm->end_code == 2 && mm->start_data == 3);
	ck_assert(mm->end_data == 4 && mm->start_brk == 5 && mm->brk == 6);
	ck_assert(mm->start_stack == 7 && mm->arg_start == 11 && mm->arg_end == 12);
	ck_assert(mm->env_start == 13 && mm->env_end == 14);
	ck_assert((uint64_t)mm->auxv == 15 && mm->auxv_size == 16);
	ck_assert_uint_eq(mm->exe_fd, (uint32_t)-1);
	ck_assert_uint_eq(restart.brk, 0);
}
END_TEST

/* If the kernel refuses, libc must use the kernel's brk, and the kernel's stack must stay. */
START_TEST(kernel_refuses_to_be_told)
{
	struct restart restart = new_restart(new_plan());

	answer(0, __NR_prctl, 0, -EPERM);
	answer(1, __NR_brk, 0, 0x5555000);
	memory_set_mm_map(&restart);
	ck_assert_str_eq(recorder.log, "prctl(35, 14, *, 104)\nbrk(0)\n");
	ck_assert_uint_eq(restart.brk, 0x5555000);
}
END_TEST

/* ---- kernel.c --------------------------------------------------------------------------- */

static const struct plan *files_plan(int first, uint32_t flags)
{
	const struct plan_file files[] = {
		{ .number = first, .flags = flags, .offset = 0x123456789a, .path = FIRST },
	};
	struct plan *plan = new_plan();

	PUT(plan, files, files);
	return plan;
}

START_TEST(files_are_opened_again)
{
	descriptors_restore(files_plan(3, O_RDONLY | O_CLOEXEC));
	ck_assert_str_eq(recorder.log, "openat(-100, /first, 0x80000)\n"
				       "lseek(3, 78187493530, 0)\n");
	descriptors_restore(files_plan(9, O_RDWR | O_APPEND | O_CLOEXEC));
	ck_assert_str_eq(recorder.log, "openat(-100, /first, 0x80402)\n"
				       "dup3(3, 9, 0x80000)\nclose(3)\n"
				       "lseek(9, 78187493530, 0)\n");
	descriptors_restore(files_plan(9, O_WRONLY));
	ck_assert_str_eq(recorder.log, "openat(-100, /first, 0x1)\n"
				       "dup3(3, 9, 0)\nclose(3)\nlseek(9, 78187493530, 0)\n");
}
END_TEST

static void run_files(const void *plan)
{
	descriptors_restore(plan);
}

START_TEST(files_that_fail)
{
	const struct plan *plan = files_plan(9, O_RDONLY);

	answer(0, __NR_openat, 0, -ENOENT);
	check_fails(run_files, plan,
		    "unexec: /dump: error: cannot reopen /first: No such file or directory\n");
	answer(0, __NR_dup3, 0, -EBADF);
	check_fails(run_files, plan, "unexec: /dump: error: cannot renumber /first: "
				     "Descriptor number above the limit (ulimit -n)\n");
	answer(0, __NR_lseek, 0, -ESPIPE);
	check_fails(run_files, plan,
		    "unexec: /dump: error: cannot restore the position of /first: error 29\n");
}
END_TEST

/* A page of zeros, which remains a hole, and one with content. */
static _Alignas(4096) char content[2 * 4096];

/* One object has two mapped views and no descriptor. Another has a descriptor. */
static const struct plan *objects_plan(void)
{
	const struct plan_file files[] = {
		{ .kind = PLAN_FD_MEMORY, .offset = PLAN_NO_OFFSET, .path = FIRST,
		  .memory = { 0, 0x5000 } },
		{ .kind = PLAN_FD_FILL, .offset = 0x1000, .path = NO_NAME, .fill = { (uintptr_t)content, 4096 + 2 } },
		{ .kind = PLAN_FD_MAP, .map = { 0x10000, 0x2000, 3 } },
		{ .kind = PLAN_FD_MAP, .flags = 0x4000, .offset = 0x1000,
		  .map = { 0x20000, 0x1000, 1 } },
		{ .kind = PLAN_FD_MEMORY, .number = 7, .flags = O_RDWR | O_CLOEXEC, .offset = 77,
		  .path = SECOND, .memory = { 2, 0x1000 } },
		{ .kind = PLAN_FD_SEAL, .number = 7, .seal = { 8 } },
		{ .kind = PLAN_FD_CLOSE, .number = 9 },
	};
	struct plan *plan = new_plan();

	content[4096] = 'x';
	PUT(plan, files, files);
	return plan;
}

START_TEST(objects_are_made)
{
	char expected[1000];

	descriptors_restore_objects(objects_plan());
	snprintf(expected, sizeof(expected),
			 "memfd_create(/first, 0)\nftruncate(3, 0x5000)\n"
			 "pwrite64(3, %p, 0x2, 0x2000)\npwrite64(3, %p, 0x1, 0x2001)\n"
			 "mmap(0x10000, 0x2000, 0x3, 0x11, 3, 0)\n"
			 "mmap(0x20000, 0x1000, 0x1, 0x4011, 3, 0x1000)\nclose(3)\n"
			 "memfd_create(/second file, 0x3)\ndup3(3, 7, 0x80000)\nclose(3)\n"
			 "lseek(7, 77, 0)\nftruncate(7, 0x1000)\nfcntl(7, 1033, 0x8)\n",
			 content + 4096, content + 4097);
	ck_assert_str_eq(recorder.log, expected);
	descriptors_restore(objects_plan());
	snprintf(expected, sizeof(expected), "munmap(%p, 0x1002)\nclose(9)\n", content);
	ck_assert_str_eq(recorder.log, expected);
}
END_TEST

static void run_objects(const void *plan)
{
	descriptors_restore_objects(plan);
}

START_TEST(objects_that_fail)
{
	const struct plan *plan = objects_plan();

	answer(0, __NR_ftruncate, 0, -EFBIG);
	check_fails(run_objects, plan, "unexec: /dump: error: cannot set the length of /first: "
				       "Above the limit of file sizes (ulimit -f)\n");
	answer(0, __NR_pwrite64, 1, -ENOSPC);
	check_fails(run_objects, plan, "unexec: /dump: error: cannot fill shared memory: error 28\n");
}
END_TEST

static const struct plan *deleted_plan(void)
{
	const struct plan_file files[] = {
		{ .kind = PLAN_FD_UNNAMED, .number = 7, .flags = O_RDWR | O_CLOEXEC,
		  .offset = PLAN_NO_OFFSET, .path = FIRST, .data = SECOND, .memory = { 0, 0x1000 } },
		{ .kind = PLAN_FD_AGAIN, .number = 7, .flags = O_RDWR | O_APPEND | O_CLOEXEC,
		  .other = 7, .offset = 5 },
		{ .kind = PLAN_FD_STATUS, .number = 7, .path = FIRST,
		  .status = { 0x1a0, 1000, PLAN_SAME_OWNER, 5000000007, (uint64_t)-1 } },
	};
	struct plan *plan = new_plan();

	PUT(plan, files, files);
	return plan;
}

#define STATUS_IS_SET \
	"fchownat(7, , 0x3e8, 0xffffffff, 0x1000)\nfchmod(7, 0x1a0)\n" \
	"utimensat(7, , {5 7 -1 999999999}, 0x1000)\n"

START_TEST(deleted_files)
{
	descriptors_restore_objects(deleted_plan());
	ck_assert_str_eq(recorder.log, "openat(-100, /second file, 0x490002)\nfchmod(3, 0x180)\n"
				       "dup3(3, 7, 0x80000)\nclose(3)\nftruncate(7, 0x1000)\n");
	descriptors_restore(deleted_plan());
	ck_assert_str_eq(recorder.log,
			 "openat(-100, /proc/self/fd/7, 0x80402)\ndup3(3, 7, 0x80000)\n"
			 "close(3)\nlseek(7, 5, 0)\n" STATUS_IS_SET);
}
END_TEST

/* Without /proc, the flags are set. */
START_TEST(deleted_files_in_memory)
{
	const struct plan *plan = deleted_plan();

	answer(0, __NR_openat, 0, -ENOENT);
	descriptors_restore_objects(plan);
	ck_assert_str_eq(recorder.log, "openat(-100, /second file, 0x490002)\n"
				       "memfd_create(deleted, 0x1)\nfchmod(3, 0x180)\n"
				       "dup3(3, 7, 0x80000)\nclose(3)\nftruncate(7, 0x1000)\n");
	plan = deleted_plan();
	answer(0, __NR_openat, 0, -ENOENT);
	descriptors_restore(plan);
	ck_assert_str_eq(recorder.log,
			 "openat(-100, /proc/self/fd/7, 0x80402)\nfcntl(7, 4, 0x402)\n"
			 "lseek(7, 5, 0)\n" STATUS_IS_SET);
}
END_TEST

START_TEST(process_settings)
{
	struct plan *plan = new_plan();

	plan->process = (struct plan_process){ .dumpable = 1 };
	process_restore(plan);
	ck_assert_str_eq(recorder.log, "");
	plan->process = (struct plan_process){
		.dumpable = 0, .subreaper = 1, .thp_disable = 3, .memory_merge = 1, .membarrier = 0x80000012,
		.timer_slack = 70000,
		.itimers = { [1] = { 1, 2, 3, 4 }, [2] = { 5, 6, 0, 0 } },
	};
	process_restore(plan);
	ck_assert_str_eq(recorder.log,
			 "prctl(4, 0, 0, 0)\nprctl(36, 1, 0, 0)\nprctl(41, 1, *, 0)\n"
			 "prctl(67, 1, 0, 0)\n"
			 "prctl(29, 70000, 0, 0)\nsetitimer(1, {1 2 3 4}, 0)\n"
			 "membarrier(0x2, 0, 0)\nmembarrier(0x10, 0, 0)\n"
			 "membarrier(0x80000000, 0, 0)\n");
}
END_TEST

static void run_protection(const void *plan)
{
	protection_restore(plan);
}

/* 52 and 53 read and set it; 3: enabled, and this process may choose. */
START_TEST(speculation)
{
	struct plan *plan = new_plan();

	plan->protection.speculation = PLAN_STORE_BYPASS | PLAN_INDIRECT_BRANCH_FORCE;
	protection_restore(plan); /* a CPU that needs none */
	ck_assert_str_eq(recorder.log, "prctl(52, 0, 0, 0)\nprctl(52, 1, 0, 0)\n");
	reset();
	answer(0, __NR_prctl, 0, 3);
	plan->protection.speculation = PLAN_INDIRECT_BRANCH_FORCE;
	protection_restore(plan);
	ck_assert_str_eq(recorder.log, "prctl(52, 1, 0, 0)\nprctl(53, 1, *, 0)\n");
	reset();
	answer(0, __NR_prctl, 0, 3);
	answer(1, __NR_prctl, 0, -EPERM); /* the second call */
	check_fails(run_protection, plan, "unexec: /dump: error: cannot disable speculation "
					  "(PR_SET_SPECULATION_CTRL): Operation not permitted\n");
}
END_TEST

static void run_signals(const void *plan)
{
	signals_restore(plan);
}

START_TEST(signal_handlers)
{
	const struct plan_signal signals[] = {
		{ .number = 2, .handler = 1 },
		{ .number = 64, .handler = 10, .flags = 20, .restorer = 30, .mask = 40 },
	};
	struct plan *plan = new_plan();

	PUT(plan, signals, signals);
	plan->process.pending = UINT64_C(0x8000000000000200);
	signals_restore(plan);
	ck_assert_str_eq(recorder.log, "rt_sigaction(2, {1 0 0 0}, 0, 8)\n"
				       "rt_sigaction(64, {10 20 30 40}, 0, 8)\n"
				       "getpid()\nkill(4242, 10)\ngetpid()\nkill(4242, 64)\n");
	answer(0, __NR_rt_sigaction, 1, -EINVAL);
	check_fails(run_signals, plan, "unexec: /dump: error: cannot install a signal handler: error 22\n");
}
END_TEST

/* The ID of a sender lies in the third word. */
START_TEST(queued_signals)
{
	const struct plan_queued queued[] = {
		{ 1, 16, { 34, 1, 7, 8 } },
		{ PLAN_WHOLE_PROCESS, 0, { 10, 2, 7, 8 } },
		{ 1, 0, { 35, 3, 7, 8 } },
	};
	struct plan *plan = new_plan();

	PUT(plan, queued, queued);
	signals_restore(plan);
	signals_send(plan, 1, 4301, 0x100);
	ck_assert_str_eq(recorder.log, "getpid()\nrt_sigqueueinfo(4242, 10, {10 2 7 8})\n"
				       "getpid()\n"
				       "rt_tgsigqueueinfo(4242, 4301, 34, {34 1 4242 8})\n"
				       "getpid()\n"
				       "rt_tgsigqueueinfo(4242, 4301, 35, {35 3 7 8})\n"
				       "getpid()\ntgkill(4242, 4301, 9)\n");
	reset();
	answer(0, __NR_rt_tgsigqueueinfo, 0, -EAGAIN);
	signals_send(plan, 1, 4301, 0);
	ck_assert_str_eq(recorder.log, "getpid()\n"
				       "rt_tgsigqueueinfo(4242, 4301, 34, {34 1 4242 8})\n"
				       "getpid()\ntgkill(4242, 4301, 34)\ngetpid()\n"
				       "rt_tgsigqueueinfo(4242, 4301, 35, {35 3 7 8})\n");
}
END_TEST

/* ---- threads.c -------------------------------------------------------------------------- */

static struct {
	_Alignas(64) char stacks[3][2048];
	uint64_t rseq[4];
	uint32_t words[5];
	struct boot boot;
	const struct arch_thread *requests[3]; /* in the order of starting */
	int started;
	long refused; /* the result of the next start of a thread */
	jmp_buf gone;
} threads;

static uint64_t frame_of(int thread)
{
	return (uint64_t)&threads.stacks[thread][1536];
}

/* Neither returns; both record where they go. */
void arch_leave(uint64_t frame)
{
	note("leave %d\n", (int)((frame - frame_of(0)) / sizeof(threads.stacks[0])));
	longjmp(threads.gone, 1);
}

static void gate(uint64_t frame, struct boot *boot)
{
	ck_assert_ptr_eq(boot, &threads.boot);
	note("gate %d\n", (int)((frame - frame_of(0)) / sizeof(threads.stacks[0])));
	longjmp(threads.gone, 1);
}

long arch_start_thread(const struct arch_thread *request)
{
	note("start %#lx\n", (long)request->flags);
	threads.requests[threads.started++] = request;
	return threads.refused ? threads.refused : 5000 + threads.started;
}

/* Three threads; one of them dumped. The first has gs, the second a robust list and rseq, the
 * third scheduling of its own. */
static struct plan *threads_plan(int dumper)
{
	struct plan_thread list[] = {
		{ .frame = frame_of(0), .thread_pointer = 0x1000, .thread_pointer_2 = 0x2000,
		  .clear_child_tid = 0x3000 },
		{ .frame = frame_of(1), .thread_pointer = 0x4000, .clear_child_tid = 0x5000,
		  .robust_list = 0x6000, .robust_length = 24,
		  .rseq = (uint64_t)threads.rseq, .rseq_length = 32,
		  .rseq_signature = 0x53053053, .pending = UINT64_C(1) << 32, .name = FIRST },
		{ .frame = frame_of(2), .thread_pointer = 0x7000, .policy = 3, .priority = 5,
		  .nice = 7,
		  .flags = PLAN_THREAD_SCHEDULE | PLAN_THREAD_AFFINITY, .name = SECOND },
	};
	const struct plan_fixup fixups[] = {
		{ .address = (uint64_t)&threads.words[0], .kind = PLAN_FIXUP_TID, .which = 0 },
		{ .address = (uint64_t)&threads.words[2], .kind = PLAN_FIXUP_TID, .which = 1 },
		{ .address = (uint64_t)&threads.words[3], .kind = PLAN_FIXUP_TID, .which = 1 },
		{ .address = (uint64_t)&threads.words[4], .kind = 99, .which = 1 },
	};
	struct plan *plan = new_plan();

	memset(&threads, 0, sizeof(threads));
	memset(threads.rseq, 7, sizeof(threads.rseq));
	memcpy(threads.words, (uint32_t[]){ 77, 77, 77, 0xc000004d, 77 }, 20);
	threads.boot.gate = (uint64_t)gate;
	plan->boot = (uint64_t)&threads.boot;
	list[dumper].flags |= PLAN_THREAD_DUMPER;
	PUT(plan, threads, list);
	PUT(plan, fixups, fixups);
	return plan;
}

static void run_threads(const void *plan)
{
	if (!setjmp(threads.gone))
		threads_restore(plan);
}

/* Runs the started thread. */
static void run_started(int index)
{
	recorder.length = 0;
	recorder.tid = 4300 + index;
	if (!setjmp(threads.gone))
		threads.requests[index]->run(threads.requests[index]->argument);
}

START_TEST(one_thread)
{
	struct plan *plan = threads_plan(0);

	plan->threads.count = 1;
	run_threads(plan);
	ck_assert_str_eq(recorder.log, "set_tid_address(0x3000)\narch_prctl(0x1002, 0x1000)\n"
				       "arch_prctl(0x1001, 0x2000)\nleave 0\n");
	ck_assert_uint_eq(threads.words[0], 4242);
	ck_assert(threads.words[1] == 77 && threads.words[2] == 77);
	ck_assert_uint_eq(threads.words[3], 0xc000004d);
}
END_TEST

/* The one that dumped starts last: it opens the gate. */
START_TEST(three_threads)
{
	char expected[256];

	run_threads(threads_plan(1));
	ck_assert_str_eq(recorder.log, "start 0xd0f00\nset_tid_address(0x3000)\n"
				       "start 0x2d0f00\narch_prctl(0x1002, 0x1000)\n"
				       "arch_prctl(0x1001, 0x2000)\ngate 0\n");
	ck_assert_uint_eq(threads.requests[0]->thread_pointer, 0x7000);
	ck_assert_uint_eq(threads.requests[1]->thread_pointer, 0x4000);
	ck_assert_uint_eq(threads.requests[1]->clear_tid, 0x5000);
	for (int i = 0; i < 2; i++) /* below the red zone of its frame */
		ck_assert(threads.requests[i]->stack < frame_of(2 - i) - 128
			  && threads.requests[i]->stack % 16 == 0);

	run_started(0);
	ck_assert_str_eq(recorder.log, "prctl(15, /second file, 0, 0)\ngettid()\n"
				       "arch_prctl(0x1002, 0x7000)\n"
				       "sched_setscheduler(0, 3, *)\n"
				       "setpriority(0, 0, 7)\n"
				       "sched_setaffinity(0, 128, *)\ngate 2\n");
	snprintf(expected, sizeof(expected),
		 "prctl(15, /first, 0, 0)\ngettid()\narch_prctl(0x1002, 0x4000)\n"
		 "set_robust_list(0x6000, 24)\nrseq(%#lx, 32, 0, 0x53053053)\n"
		 "getpid()\ntgkill(4301, 4301, 33)\nleave 1\n",
		 (long)threads.rseq);
	run_started(1);
	ck_assert_str_eq(recorder.log, expected);

	/* cpu_id_start 0, cpu_id -1, rseq_cs 0: as before its first registration. */
	ck_assert_uint_eq(threads.rseq[0], UINT64_C(0xffffffff00000000));
	ck_assert(threads.rseq[1] == 0 && threads.rseq[2] == UINT64_C(0x0707070707070707));
	ck_assert(threads.words[0] == 4242 && threads.words[1] == 77);
	ck_assert_uint_eq(threads.words[2], 5002);
	ck_assert_uint_eq(threads.words[3], 0xc0000000 | 5002);
	ck_assert_uint_eq(threads.words[4], 77);
}
END_TEST

START_TEST(threads_that_fail)
{
	const struct plan *plan = threads_plan(1);

	answer(0, __NR_arch_prctl, 1, -EPERM);
	check_fails(run_threads, plan,
		    "unexec: /dump: error: cannot set the thread pointer: Operation not permitted\n");
	threads.refused = -EUSERS;
	check_fails(run_threads, plan,
		    "unexec: /dump: error: cannot start thread /second file: error 87\n");
}
END_TEST

/* ---- message.c -------------------------------------------------------------------------- */

static void run_fail(const void *name)
{
	fail("read", name, -EIO);
}

START_TEST(messages_are_cut)
{
	char name[1100], message[1025] = "unexec: /dump: error: cannot read ";

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	memset(message + strlen(message), 'n', 1023 - strlen(message));
	message[1023] = '\n';
	check_fails(run_fail, name, message);
	check_fails(run_fail, NULL, "unexec: /dump: error: cannot read: error 5\n");
}
END_TEST

/* ---- vdso.c: making room ---------------------------------------------------------------- */

#define VVAR UINT64_C(0x7ffff7fc0000)
#define VDSO UINT64_C(0x7ffff7fc6000)

static const char maps[] =
	"00400000-00401000 r-xp 00000000 fe:01 99                         /usr/bin/[vdso]\n"
	"7ffff7fc0000-7ffff7fc4000 r--p 00000000 00:00 0                  [vvar]\n"
	"7ffff7fc4000-7ffff7fc6000 r--p 00000000 00:00 0                  [vvar_vclock]\n"
	"7ffff7fc6000-7ffff7fc8000 r-xp 00000000 00:00 0                  [vdso]\n"
	"7ffff7ff0000-7ffff7ff1000 rw-p 00000000 00:00 0 \n"
	"7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                  [stack]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]\n";

static const char parked[] =
	"openat(-100, /proc/self/maps, 0)\n"
	"mremap(0x7ffff7fc0000, 0x4000, 0x4000, 0x3, 0x30000000)\n"
	"mremap(0x7ffff7fc4000, 0x2000, 0x2000, 0x3, 0x30004000)\n"
	"mremap(0x7ffff7fc6000, 0x2000, 0x2000, 0x3, 0x30006000)\n"
	"close(3)\n";

static struct restart with_vdso(const struct plan *plan, uint64_t auxv[4])
{
	auxv[0] = AT_SYSINFO_EHDR;
	auxv[1] = VDSO;
	auxv[2] = auxv[3] = AT_NULL;
	recorder.maps = maps;
	return (struct restart){ .plan = plan, .block = { .auxv = (uint64_t)auxv } };
}

START_TEST(vdso_is_parked_if_in_the_way)
{
	static const struct {
		struct plan_op op;
		uint64_t stack_floor, stack;
		bool in_the_way;
	} cases[] = {
		{ .op = { .kind = PLAN_ANON, .start = VDSO + 0x1000, .length = 0x1000 },
		  .in_the_way = true },
		{ .op = { .kind = PLAN_FILE, .start = VVAR, .length = 0x1000 },
		  .in_the_way = true },
		{ .op = { .kind = PLAN_MOVE, .start = 0x7fff00000000, .length = 0xffff0000 },
		  .in_the_way = true },
		{ .stack_floor = VVAR + 0x1000, .stack = VVAR + 0x2000, .in_the_way = true },
		{ .op = { .kind = PLAN_PROTECT, .start = VDSO, .length = 0x1000 } },
		{ .op = { .kind = PLAN_COPY, .start = VDSO, .length = 0x1000 } },
		{ .op = { .kind = PLAN_ANON, .start = VDSO + 0x10000, .length = 0x1000 } },
		{ .op = { .kind = PLAN_ANON, .start = VDSO - 0x11000, .length = 0x1000 } },
		{ .stack_floor = 0x7ffff8000000, .stack = 0x7ffffffff000 },
	};
	struct plan *plan = new_plan();
	struct plan_op ops[] = { cases[_i].op };
	uint64_t auxv[4], expected = cases[_i].in_the_way ? 0x30006000 : VDSO;
	struct restart restart = with_vdso(plan, auxv);

	PUT(plan, ops, ops);
	plan->stack_floor = cases[_i].stack_floor;
	plan->mm.start_stack = cases[_i].stack;
	vdso_make_room(&restart);
	ck_assert_str_eq(recorder.log, cases[_i].in_the_way ? parked : "");
	ck_assert_uint_eq(restart.vdso, expected);
	ck_assert_uint_eq(auxv[1], expected);
}
END_TEST

/* A vDSO that cannot be parked must not be used: other memory will be mapped there. */
START_TEST(vdso_that_cannot_be_parked)
{
	static const struct {
		long number;
		int skip;
	} refused[] = { { __NR_openat, 0 }, { __NR_mremap, 0 }, { __NR_mremap, 2 } };
	const struct plan_op ops[] = {
		{ .kind = PLAN_ANON, .start = VDSO, .length = 0x1000 },
	};
	struct plan *plan = new_plan();
	uint64_t auxv[4];
	struct restart restart = with_vdso(plan, auxv);

	PUT(plan, ops, ops);
	answer(0, refused[_i].number, refused[_i].skip, -EPERM);
	vdso_make_room(&restart);
	ck_assert_uint_eq(restart.vdso, 0);
	ck_assert_uint_eq(auxv[1], 0);
}
END_TEST

START_TEST(process_without_vdso)
{
	struct plan *plan = new_plan();
	uint64_t auxv[4];
	struct restart restart = with_vdso(plan, auxv);

	auxv[0] = AT_NULL;
	vdso_make_room(&restart);
	vdso_connect(&restart);
	ck_assert_uint_eq(restart.vdso, 0);
	ck_assert_str_eq(recorder.log, "");
}
END_TEST

/* ---- vdso.c: connecting ----------------------------------------------------------------- */

#define OLD UINT64_C(0x7fff12346000)

static uint64_t own_auxv[4];

/* The vDSO of this process stands for the new one. */
static struct restart with_real_vdso(struct plan *plan, uint64_t words[2])
{
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)vdso;
	const Elf64_Phdr *segment;
	const struct plan_slot slots[] = {
		{ .address = (uint64_t)&words[0], .name = CLOCK_GETTIME },
		{ .address = (uint64_t)&words[1], .name = NO_SUCH },
	};

	ck_assert_uint_ne(vdso, 0);
	segment = (const Elf64_Phdr *)(vdso + header->e_phoff);
	plan->vdso = (struct plan_vdso){ .address = OLD, .start = OLD - 0x6000,
					 .length = { 0x4000, 0x2000, 0x2000 } };
	for (int i = 0; i < header->e_phnum; i++, segment++) {
		uint64_t at = vdso + segment->p_offset, end = at + segment->p_filesz;

		while (segment->p_type == PT_NOTE && at < end) {
			const Elf64_Nhdr *note = (const Elf64_Nhdr *)at;
			uint64_t id = at + sizeof(*note) + ((note->n_namesz + 3) & -4u);

			if (note->n_type == NT_GNU_BUILD_ID)
				memcpy(plan->vdso.build, (void *)id, note->n_descsz);
			at = id + ((note->n_descsz + 3) & -4u);
		}
	}
	ck_assert_uint_ne(plan->vdso.build[0], 0);
	PUT(plan, slots, slots);
	words[0] = words[1] = 1;
	memcpy(own_auxv, (uint64_t[]){ AT_SYSINFO_EHDR, vdso, AT_NULL, 0 }, sizeof(own_auxv));
	return (struct restart){ .plan = plan, .vdso = vdso,
				 .block = { .auxv = (uint64_t)own_auxv } };
}

static void check_vdso_proxied(const struct restart *restart, const uint64_t words[2])
{
	int (*function)(clockid_t, struct timespec *);
	struct timespec now = { 0 }, here;

	ck_assert_uint_eq(restart->vdso, getauxval(AT_SYSINFO_EHDR));
	ck_assert_uint_eq(words[1], 1);
	ck_assert(words[0] >= restart->vdso && words[0] < restart->vdso + 0x10000);
	memcpy(&function, &words[0], sizeof(function));
	ck_assert_int_eq(function(CLOCK_MONOTONIC, &now), 0);
	clock_gettime(CLOCK_MONOTONIC, &here);
	ck_assert_int_le(here.tv_sec - now.tv_sec, 1);
	ck_assert(now.tv_sec > 0);
}

/* Kernels before 6.17 move one mapping at a time. */
START_TEST(vdso_of_the_same_build)
{
	struct plan *plan = new_plan();
	uint64_t words[2];
	struct restart restart = with_real_vdso(plan, words);
	uint64_t from = restart.vdso - 0x6000;
	char expected[512];
	int length = snprintf(expected, sizeof(expected),
			      "mremap(%#lx, 0x6000, 0x6000, 0x3, 0x7fff12340000)\n", from);

	if (_i) {
		answer(0, __NR_mremap, 0, -EFAULT);
		length += snprintf(expected + length, sizeof(expected) - (size_t)length,
				   "mremap(%#lx, 0x4000, 0x4000, 0x3, 0x7fff12340000)\n"
				   "mremap(%#lx, 0x2000, 0x2000, 0x3, 0x7fff12344000)\n",
				   from, from + 0x4000);
	}
	snprintf(expected + length, sizeof(expected) - (size_t)length,
		 "mremap(%#lx, 0x2000, 0x2000, 0x3, 0x7fff12346000)\n", from + 0x6000);
	vdso_connect(&restart);
	ck_assert_str_eq(recorder.log, expected);
	ck_assert_uint_eq(restart.vdso, OLD);
	ck_assert_uint_eq(own_auxv[1], OLD);
	ck_assert(words[0] == 1 && words[1] == 1);
}
END_TEST

START_TEST(vdso_of_another_build)
{
	struct plan *plan = new_plan();
	uint64_t words[2];
	struct restart restart = with_real_vdso(plan, words);

	plan->vdso.build[3] ^= 1;
	vdso_connect(&restart);
	ck_assert_str_eq(recorder.log, "");
	check_vdso_proxied(&restart, words);
}
END_TEST

START_TEST(vdso_that_may_not_be_replaced)
{
	struct plan *plan = new_plan();
	uint64_t words[2];
	struct restart restart = with_real_vdso(plan, words);

	plan->vdso.address = _i ? restart.vdso : 0; /* is there already; never */
	vdso_connect(&restart);
	ck_assert_str_eq(recorder.log, "");
	check_vdso_proxied(&restart, words);
}
END_TEST

/* The vDSO has two mappings of data, or one, for which there is a single try. */
START_TEST(vdso_that_may_not_be_moved)
{
	struct plan *plan = new_plan();
	uint64_t words[2];
	struct restart restart = with_real_vdso(plan, words);

	if (_i)
		memcpy(plan->vdso.length, (uint64_t[]){ 0x6000, 0x2000, 0, 0 }, 32);
	answer(0, __NR_mremap, 0, -EPERM);
	answer(1, __NR_mremap, 0, -EPERM);
	vdso_connect(&restart);
	check_vdso_proxied(&restart, words);
}
END_TEST

static void run_connect(const void *restart)
{
	struct restart copy = *(const struct restart *)restart;

	vdso_connect(&copy);
}

/* The vDSO's data was moved, its code was not. */
START_TEST(vdso_that_is_torn)
{
	struct plan *plan = new_plan();
	uint64_t words[2];
	struct restart restart = with_real_vdso(plan, words);

	answer(0, __NR_mremap, 1, -EPERM);
	check_fails(run_connect, &restart, "unexec: /dump: error: cannot move the vDSO to its old address\n");
}
END_TEST

/* ---- values.c --------------------------------------------------------------------------- */

/* Without random bytes nothing changes. */
START_TEST(new_canary_is_drawn)
{
	static uint64_t words[8];
	uint64_t random[2] = { 0x8877665544332211, 0xfedcba9876543210 };
	uint64_t auxv[] = { _i ? AT_UID : AT_RANDOM, (uint64_t)random, AT_NULL, 0 };
	const struct plan_fixup fixups[] = {
		{ (uint64_t)&words[1], PLAN_FIXUP_CANARY, 0 },
		{ (uint64_t)&words[2], PLAN_FIXUP_CANARY, 1 },
		{ (uint64_t)&words[3], PLAN_FIXUP_CANARY, 8 },
		{ (uint64_t)&words[4], PLAN_FIXUP_RANDOM, 0 },
	};
	const uint64_t drawn[] = { 0, 0x8877665544332200, 0x8877665544330011, 0x8877665544332211,
				   random[0], random[1], 0 };
	struct plan *plan = new_plan();
	struct restart restart = { .plan = plan, .block.auxv = (uint64_t)auxv };

	PUT(plan, fixups, fixups);
	memset(words, 0, sizeof(words));
	values_replace(&restart);
	for (size_t i = 0; i < sizeof(drawn) / sizeof(*drawn); i++)
		ck_assert_uint_eq(words[i], _i ? 0 : drawn[i]);
	ck_assert_str_eq(recorder.log, "");
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, block_is_copied, 0, sizeof(shapes) / sizeof(*shapes));
	tcase_add_test(tests, block_without_end);
	tcase_add_test(tests, memory_in_order);
	tcase_add_test(tests, memory_locked);
	tcase_add_loop_test(tests, memory_from_file, 0, 2);
	tcase_add_loop_test(tests, memory_failures, 0, 8);
	tcase_add_loop_test(tests, pages_are_prefaulted, 0, 3);
	tcase_add_test(tests, pages_without_choice);
	tcase_add_test(tests, kernel_is_told_of_memory);
	tcase_add_test(tests, kernel_refuses_to_be_told);
	tcase_add_test(tests, files_are_opened_again);
	tcase_add_test(tests, files_that_fail);
	tcase_add_test(tests, objects_are_made);
	tcase_add_test(tests, objects_that_fail);
	tcase_add_test(tests, deleted_files);
	tcase_add_test(tests, deleted_files_in_memory);
	tcase_add_test(tests, process_settings);
	tcase_add_test(tests, speculation);
	tcase_add_test(tests, signal_handlers);
	tcase_add_test(tests, queued_signals);
	tcase_add_test(tests, one_thread);
	tcase_add_test(tests, three_threads);
	tcase_add_test(tests, threads_that_fail);
	tcase_add_test(tests, messages_are_cut);
	tcase_add_loop_test(tests, vdso_is_parked_if_in_the_way, 0, 9);
	tcase_add_loop_test(tests, vdso_that_cannot_be_parked, 0, 3);
	tcase_add_test(tests, process_without_vdso);
	tcase_add_loop_test(tests, vdso_of_the_same_build, 0, 2);
	tcase_add_test(tests, vdso_of_another_build);
	tcase_add_loop_test(tests, vdso_that_may_not_be_replaced, 0, 2);
	tcase_add_loop_test(tests, vdso_that_may_not_be_moved, 0, 2);
	tcase_add_test(tests, vdso_that_is_torn);
	tcase_add_test(tests, environment_is_merged);
	tcase_add_loop_test(tests, new_canary_is_drawn, 0, 2);
}

int main(void)
{
	return unit_run("restarter", add_tests);
}
