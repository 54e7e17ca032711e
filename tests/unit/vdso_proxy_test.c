/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vDSO proxy: built over a copy of this machine's vDSO as a dump has it, then called, by
 * the system calls that it begins with and through the slots as the restarter fills them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "arch_vdso.h"
#include "analysis/analysis.h"
#include "restarter/restarter.h"
#include "unit.h"

#undef fail /* an old macro of Check's */

#define PAGE UINT64_C(4096)
#define DATA_PAGES 6 /* room below, where the old process had the vDSO's data */

/* The proxy does not use the restarter's system calls. */
long recorder_call(long number, const long arguments[6])
{
	(void)arguments;
	ck_abort_msg("system call %ld", number);
	return -ENOSYS;
}

/* ---- Building --------------------------------------------------------------------------- */

struct vdso_proxy {
	struct capture capture; /* first: read_copy gets its address */
	uint64_t slots;
	struct report report;
	struct unit_log log;
	uint64_t real, length; /* the vDSO of this process */
	uint64_t copy;
};

/* The length of the vDSO as maps has it. */
static uint64_t vdso_length(uint64_t vdso)
{
	FILE *stream = fopen("/proc/self/maps", "r");
	unsigned long start, end, found = 0;
	char line[512];

	ck_assert_ptr_nonnull(stream);
	while (fgets(line, sizeof(line), stream))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start == vdso)
			found = end - start;
	fclose(stream);
	ck_assert_uint_ne(found, 0);
	return found;
}

/* The process's vDSO, at the address where the copy is. */
static int read_copy(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	const struct vdso_proxy *vdso_proxy = (const struct vdso_proxy *)capture;

	ck_assert_uint_ge(address, vdso_proxy->copy);
	ck_assert_uint_le(address + length, vdso_proxy->copy + vdso_proxy->length);
	memcpy(buffer, (const void *)(address - vdso_proxy->copy + vdso_proxy->real), length);
	return 0;
}

/* Builds the proxy with the place of the vDSO's data occupied or free. */
static void build_beside(struct vdso_proxy *vdso_proxy, bool occupied)
{
	struct image *image = image_new();
	char *memory;

	*vdso_proxy = (struct vdso_proxy){ .real = getauxval(AT_SYSINFO_EHDR) };
	ck_assert_uint_ne(vdso_proxy->real, 0);
	vdso_proxy->length = vdso_length(vdso_proxy->real);
	memory = mmap(NULL, DATA_PAGES * PAGE + vdso_proxy->length, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	vdso_proxy->copy = (uint64_t)memory + DATA_PAGES * PAGE;

	vdso_proxy->report = (struct report){ .sink = unit_sink, .context = &vdso_proxy->log };
	vdso_proxy->capture = (struct capture){ .image = image, .read = read_copy };
	image->page_size = PAGE;
	if (occupied)
		image_add_region(image, (struct range){ vdso_proxy->copy - 2 * PAGE,
							vdso_proxy->copy - PAGE }, 3, 0, 0, "");
	image_add_region(image, (struct range){ vdso_proxy->copy, vdso_proxy->copy + vdso_proxy->length },
			 5, 0, 0, "[vdso]");
}

static void build(struct vdso_proxy *vdso_proxy)
{
	build_beside(vdso_proxy, false);
}

/* Loads the proxy as the writer and the kernel do: bytes, patches, protection. */
static void load(struct vdso_proxy *vdso_proxy)
{
	const struct image *image = vdso_proxy->capture.image;

	memcpy((void *)vdso_proxy->copy, (const void *)vdso_proxy->real, vdso_proxy->length);
	for (size_t i = 0; i < image->patch_count; i++)
		memcpy((void *)image->patches[i].address, image->patches[i].bytes,
		       image->patches[i].length);
	ck_assert_int_eq(mprotect((void *)vdso_proxy->copy, vdso_proxy->length,
				  PROT_READ | PROT_EXEC), 0);
}

static void drop(struct vdso_proxy *vdso_proxy)
{
	munmap((void *)(vdso_proxy->copy - DATA_PAGES * PAGE), DATA_PAGES * PAGE + vdso_proxy->length);
	image_free(vdso_proxy->capture.image);
}

/* The copy's function of that name, in *function; false if this vDSO has none. */
static bool find(const struct vdso_proxy *vdso_proxy, const char *name, void *function)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
	uint64_t address = vdso ? (uint64_t)dlsym(vdso, name) : 0;

	if (!address)
		return false;
	address += vdso_proxy->copy - vdso_proxy->real;
	memcpy(function, &address, sizeof(address));
	return true;
}

/* ---- Calling ---------------------------------------------------------------------------- */

static long long nanoseconds(const struct timespec *time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

static void check_clocks(const struct vdso_proxy *vdso_proxy)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
					    CLOCK_THREAD_CPUTIME_ID };
	int (*function)(clockid_t, struct timespec *), (*get_day)(struct timeval *, void *);
	int (*resolution)(clockid_t, struct timespec *);
	time_t (*get_time)(time_t *);
	struct timespec before, now, after;
	struct timeval day;
	time_t seconds;

	ck_assert(find(vdso_proxy, "__vdso_clock_gettime", &function));
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		syscall(SYS_clock_gettime, clocks[i], &before);
		ck_assert_int_eq(function(clocks[i], &now), 0);
		syscall(SYS_clock_gettime, clocks[i], &after);
		ck_assert_int_le(nanoseconds(&before), nanoseconds(&now));
		ck_assert_int_le(nanoseconds(&now), nanoseconds(&after));
	}
	ck_assert_int_eq(function(12345, &now), -EINVAL);
	clock_gettime(CLOCK_REALTIME, &now);
	if (find(vdso_proxy, "__vdso_gettimeofday", &get_day)) {
		ck_assert_int_eq(get_day(&day, NULL), 0);
		ck_assert_int_le(labs(day.tv_sec - now.tv_sec), 1);
	}
	if (find(vdso_proxy, "__vdso_time", &get_time)) {
		ck_assert_int_le(labs(get_time(&seconds) - now.tv_sec), 1);
		ck_assert_int_le(labs(seconds - now.tv_sec), 1);
	}
	if (find(vdso_proxy, "__vdso_clock_getres", &resolution)) {
		ck_assert_int_eq(resolution(CLOCK_MONOTONIC, &now), 0);
		clock_getres(CLOCK_MONOTONIC, &after);
		ck_assert_int_eq(nanoseconds(&now), nanoseconds(&after));
	}
}

static void check_cpu(const struct vdso_proxy *vdso_proxy)
{
	long (*function)(unsigned *, unsigned *, void *);
	unsigned cpu, node;
	cpu_set_t old, one;

	if (!find(vdso_proxy, "__vdso_getcpu", &function))
		return;
	sched_getaffinity(0, sizeof(old), &old);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &old))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			continue;
		ck_assert_int_eq(function(&cpu, &node, NULL), 0);
		ck_assert_uint_eq(cpu, (unsigned)i);
	}
	sched_setaffinity(0, sizeof(old), &old);
}

START_TEST(by_system_calls)
{
	struct vdso_proxy vdso_proxy;
	struct image *image;

	build(&vdso_proxy);
	analysis_make_vdso_proxy(&vdso_proxy.capture, vdso_proxy.copy, vdso_proxy.slots, &vdso_proxy.report);
	image = vdso_proxy.capture.image;
	ck_assert_msg(!vdso_proxy.log.count, "%s", vdso_proxy.log.text);
	ck_assert_uint_eq(image->region_count, 2);
	ck_assert_str_eq(image->regions[0].name, "[vdso-proxy]");
	ck_assert_uint_eq(image->regions[0].range.end, vdso_proxy.copy);
	ck_assert_uint_gt(image->slot_count, 3);
	/* One patch a function, and the page of slots. */
	ck_assert_uint_eq(image->patch_count, image->slot_count + 1);
	load(&vdso_proxy);
	check_clocks(&vdso_proxy);
	check_cpu(&vdso_proxy);
	drop(&vdso_proxy);
}
END_TEST

/* A plan that has nothing but the image's slots. */
static struct plan *plan_of(const struct image *image)
{
	struct plan *plan = calloc(1, sizeof(*plan) + 4096);
	struct plan_slot *slots = (struct plan_slot *)(plan + 1);
	char *strings = (char *)(slots + image->slot_count), *string = strings;

	for (size_t i = 0; i < image->slot_count; i++) {
		slots[i] = (struct plan_slot){ .address = image->slots[i].address,
					       .name = (uint32_t)(string - strings) };
		string = stpcpy(string, image->slots[i].name) + 1;
		ck_assert(string < (char *)(plan + 1) + 4000);
	}
	plan->slots = (struct plan_table){ sizeof(*plan), (uint32_t)image->slot_count };
	plan->strings.offset = (uint32_t)(strings - (char *)plan);
	return plan;
}

static int calls;

static int count_calls(clockid_t clock, struct timespec *time)
{
	calls++;
	time->tv_sec = clock;
	return 7;
}

START_TEST(through_slots)
{
	struct vdso_proxy vdso_proxy;
	const struct image *image;
	struct restart restart;
	int (*function)(clockid_t, struct timespec *);
	struct timespec time;

	build(&vdso_proxy);
	analysis_make_vdso_proxy(&vdso_proxy.capture, vdso_proxy.copy, vdso_proxy.slots, &vdso_proxy.report);
	load(&vdso_proxy);
	image = vdso_proxy.capture.image;
	restart = (struct restart){ .plan = plan_of(image), .vdso = vdso_proxy.real };
	vdso_connect(&restart);
	for (size_t i = 0; i < image->slot_count; i++) {
		uint64_t slot = *(uint64_t *)image->slots[i].address;

		ck_assert_msg(slot >= vdso_proxy.real && slot < vdso_proxy.real + vdso_proxy.length,
			      "%s leads to %#lx", image->slots[i].name, (long)slot);
	}
	check_clocks(&vdso_proxy);
	check_cpu(&vdso_proxy);

	ck_assert(find(&vdso_proxy, "__vdso_clock_gettime", &function));
	for (size_t i = 0; i < image->slot_count; i++)
		if (!strcmp(image->slots[i].name, "__vdso_clock_gettime"))
			*(uint64_t *)image->slots[i].address = (uint64_t)count_calls;
	ck_assert_int_eq(function(77, &time), 7);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(time.tv_sec, 77);
	free((void *)restart.plan);
	drop(&vdso_proxy);
}
END_TEST

/* A dump of a dump has slots already. */
START_TEST(slots_of_the_last_generation)
{
	struct vdso_proxy vdso_proxy;

	build(&vdso_proxy);
	vdso_proxy.slots = vdso_proxy.copy - 3 * PAGE;
	analysis_make_vdso_proxy(&vdso_proxy.capture, vdso_proxy.copy, vdso_proxy.slots, &vdso_proxy.report);
	ck_assert_uint_eq(vdso_proxy.capture.image->region_count, 1);
	ck_assert_uint_eq(vdso_proxy.capture.image->slots[0].address,
			  vdso_proxy.copy - 3 * PAGE);
	load(&vdso_proxy);
	check_clocks(&vdso_proxy);
	drop(&vdso_proxy);
}
END_TEST

/* ---- Replacing it ----------------------------------------------------------------------- */

START_TEST(data_is_left_free)
{
	const uint64_t none[4] = { 0 };
	struct vdso_proxy vdso_proxy;
	struct image *image;

	build_beside(&vdso_proxy, _i);
	image = vdso_proxy.capture.image;
	image->vdso = (struct plan_vdso){
		.address = vdso_proxy.copy, .start = vdso_proxy.copy - 4 * PAGE,
		.length = { 4 * PAGE, vdso_proxy.length },
	};
	analysis_make_vdso_proxy(&vdso_proxy.capture, vdso_proxy.copy, vdso_proxy.slots, &vdso_proxy.report);
	if (_i) {
		ck_assert_uint_eq(image->vdso.address, 0);
	} else {
		ck_assert_uint_eq(image->vdso.address, vdso_proxy.copy);
		ck_assert(memcmp(image->vdso.build, none, sizeof(none)) != 0);
		ck_assert_uint_eq(image->slots[0].address, vdso_proxy.copy - 5 * PAGE);
	}
	load(&vdso_proxy);
	check_clocks(&vdso_proxy);
	drop(&vdso_proxy);
}
END_TEST

START_TEST(too_short_for_a_jump)
{
	unsigned char code[64] = { 0 };
	uint64_t fallback = 1;
	size_t length = arch_vdso_proxy_code(code, sizeof(code), 0x1000, 0x3000, "time", &fallback);

	ck_assert(length > 0 && length < sizeof(code));
	ck_assert(fallback > 0x1000 && fallback < 0x1000 + length);
	ck_assert_uint_eq(arch_vdso_proxy_code(code, length, 0x1000, 0x3000, "time", &fallback),
			  length);
	ck_assert_uint_eq(arch_vdso_proxy_code(code, length - 1, 0x1000, 0x3000, "time",
					   &fallback), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, by_system_calls);
	tcase_add_test(tests, through_slots);
	tcase_add_test(tests, slots_of_the_last_generation);
	tcase_add_loop_test(tests, data_is_left_free, 0, 2);
	tcase_add_test(tests, too_short_for_a_jump);
}

int main(void)
{
	return unit_run("vdso_proxy", add_tests);
}
