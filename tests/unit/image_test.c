/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model; its text is complete, and other text is refused.
 */
#include "base/xalloc.h"
#include "image/free_room.h"
#include "image/runs.h"
#include "unit.h"

static char *to_text(const struct image *image, size_t *ret_length)
{
	char *text;
	FILE *stream = open_memstream(&text, ret_length);

	ck_assert_ptr_nonnull(stream);
	image_print(image, stream);
	fclose(stream);
	return text;
}

static void add_file(struct image *image, int number, unsigned flags, uint64_t offset,
		     const char *path)
{
	image_add_file(image, &(struct plan_file){ .number = number, .flags = flags,
						   .offset = offset }, path, NULL);
}

static struct image *full_image(void)
{
	struct image *image = image_new();
	struct region *region;

	free(image->program);
	image->program = xstrdup("/a b\\c\n\xff\x7f-");
	image->machine = 62;
	image->page_size = 4096;
	image->generation = 7;
	image->boot = 0x1234;
	image->stack_limit = UINT64_MAX;
	image->mm = (struct plan_mm){ 1, 2, 3, 4, 5, 6, 7 };
	image->process = (struct plan_process){
		1, 2, 3, UINT32_MAX, UINT64_MAX, 0x8000000000000001, 6, 1,
		{ [2] = { 1, 2, 3, 4 } }
	};
	image->memory = IMAGE_MEMORY_COPY;
	region = image_add_region(image, (struct range){ 0x1000, 0x9000 }, 3, 0, 0x5000, "-");
	region_add_data(region, (struct range){ 0x1000, 0x2000 });
	region_add_data(region, (struct range){ 0x2000, 0x3000 });
	region_add_data(region, (struct range){ 0x8000, 0x9000 });
	image_add_region(image, (struct range){ 0x9000, 0xa000 }, 0, 0x1ff, 0, "");
	image_add_region(image, (struct range){ 0x10000, 0x11000 }, 5, REGION_REOPEN, 0, "/ä");
	image_add_thread(image, &(struct plan_thread){ .frame = 1, .thread_pointer = 2,
						       .thread_pointer_2 = 3,
		.clear_child_tid = 4, .robust_list = 5, .robust_length = 6, .rseq = 7, .rseq_length = 8,
		.rseq_signature = 9, .tid_address = 10, .policy = 11, .priority = 12, .flags = 13,
		.nice = 14, .pending = 15 }, "a thread");
	image_add_thread(image, &(struct plan_thread){ .frame = 9 }, "a name that is too long");
	image_add_signal(image, &(struct plan_signal){ 11, 0, 1, 2, 3, UINT64_MAX });
	image_add_signal(image, &(struct plan_signal){ .number = 2 });
	add_file(image, 7, 0x8002, 99, "/tmp/x y");
	add_file(image, 3, 0, 0, "");
	for (uint32_t kind = 1; kind < PLAN_FD_KINDS; kind++)
		image_add_file(image, &(struct plan_file){
			.kind = kind, .number = 100 - (int)kind, .flags = 0x8002, .other = 5,
			.other_flags = 0x800, .length = 3, .offset = UINT64_MAX,
			.timer = { 1, 2, UINT64_MAX, 4, 5 } }, "a name", "abc");
	image_add_slot(image, 0x2000, "b");
	image_add_slot(image, 0x1000, "a");
	image_add_fixup(image, &(struct plan_fixup){ 0x3000, PLAN_FIXUP_TID, 1 });
	image_add_fixup(image, &(struct plan_fixup){ 0x1008, PLAN_FIXUP_TID, 0 });
	image_add_fixup(image, &(struct plan_fixup){ 0x2008, PLAN_FIXUP_AUXV, 31 });
	image_add_timer(image, &(struct plan_timer){ 7, 1, 2, 3, 4, 1, 0, 5, 6, 7, 8 });
	image_add_timer(image, &(struct plan_timer){ .number = 2 });
	image_add_queued(image, &(struct plan_queued){ 1, 16, { 10, 2, 3, [15] = 4 } });
	image_add_queued(image, &(struct plan_queued){ PLAN_WHOLE_PROCESS, 0, { 64 } });
	image_add_need(image, "bmi2");
	image_add_need(image, "avx");
	return image;
}

START_TEST(round_trip)
{
	struct image *image = full_image(), *again;
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	size_t length, again_length;
	char *text = to_text(image, &length), *again_text;

	again = image_parse(text, length, &report);
	ck_assert_msg(again, "%s", log.text);
	again_text = to_text(again, &again_length);
	ck_assert_str_eq(text, again_text);

	ck_assert_str_eq(again->program, image->program);
	ck_assert_mem_eq(&again->mm, &image->mm, sizeof(image->mm));
	ck_assert_mem_eq(&again->process, &image->process, sizeof(image->process));
	ck_assert_mem_eq(&again->threads[0], &image->threads[0], sizeof(*image->threads));
	ck_assert_str_eq(again->thread_names[1], "a name that is ");
	ck_assert_uint_eq(again->region_count, 3);
	ck_assert_str_eq(again->regions[0].name, "-");
	ck_assert_str_eq(again->regions[1].name, "");
	ck_assert_uint_eq(again->regions[0].data_count, 2);
	ck_assert_uint_eq(again->regions[1].flags, 0x1ff);
	ck_assert_uint_eq(again->stack_limit, UINT64_MAX);
	ck_assert_int_eq(again->files[0].plan.number, 3);
	ck_assert_uint_eq(again->file_count, 1 + PLAN_FD_KINDS);
	ck_assert_str_eq(again->files[9].path, "a name");
	free(text);
	free(again_text);
	image_free(image);
	image_free(again);
}
END_TEST

START_TEST(find)
{
	struct image *image = full_image();

	ck_assert_ptr_null(image_find(image, 0xfff));
	ck_assert_ptr_eq(image_find(image, 0x1000), &image->regions[0]);
	ck_assert_ptr_eq(image_find(image, 0x8fff), &image->regions[0]);
	ck_assert_ptr_eq(image_find(image, 0x9000), &image->regions[1]);
	ck_assert_ptr_null(image_find(image, 0xa000));
	ck_assert_ptr_null(image_find(image, UINT64_MAX));
	image_free(image);
	image = image_new();
	ck_assert_ptr_null(image_find(image, 0));
	image_free(image);
	image_free(NULL);
}
END_TEST

START_TEST(many_items)
{
	struct image *image = image_new();

	for (int i = 999; i >= 0; i--) {
		image_add_fixup(image, &(struct plan_fixup){ .address = i });
		add_file(image, i, 0, 0, "x");
		image_add_patch(image, i, "abc", 3);
	}
	ck_assert_uint_eq(image->fixup_count, 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		ck_assert_uint_eq(image->fixups[i].address, i);
		ck_assert_uint_eq(image->files[i].plan.number, i);
		ck_assert_uint_eq(image->patches[i].address, i);
	}
	image_free(image);
}
END_TEST

/* ---- Text that the parser refuses ---------------------------------------------------- */

#define QUEUED(thread, sender, number) \
	"queued thread=" thread " sender=" sender " info-0=" number " info-1=0x0 info-2=0x0" \
	" info-3=0x0 info-4=0x0 info-5=0x0 info-6=0x0 info-7=0x0 info-8=0x0 info-9=0x0" \
	" info-10=0x0 info-11=0x0 info-12=0x0 info-13=0x0 info-14=0x0 info-15=0x0\n"
#define TIMER "number=0 clock=0 value=0x0 signal=0 notify=0 thread=0 clock-thread=0 " \
	"interval-s=0 interval-ns=0 left-s=0 left-ns=0\n"
#define HEAD "unexec-image 3\nprogram /x\nmachine 62\npage-size 4096\ngeneration 1\n" \
	"boot 0x0\nstack-limit 8388608\nmm start-code=0x0 end-code=0x0 start-data=0x0 " \
	"end-data=0x0 start-brk=0x0 brk=0x0 start-stack=0x0\nprocess dumpable=1 subreaper=0 " \
	"thp-disable=0 membarrier=0x0 timer-slack=0 pending=0x0\n"
#define REGION "region 0x1000-0x5000 rw- - 0x0 x\n"
#define THREAD "thread frame=0x0 thread-pointer=0x0 thread-pointer-2=0x0 clear-child-tid=0x0 " \
	"robust-list=0x0 robust-length=0 rseq=0x0 rseq-length=0 rseq-signature=0x0 tid-address=0x0 policy=0 priority=0 flags=0x0 nice=0 pending=0x0 tid=0 x\n"
#define REGISTERS "registers states=0xe7 permitted=0x0 frame-size=3376\n"
#define SIGNAL "signal number=2 handler=0x0 flags=0x0 restorer=0x0 mask=0x0\n"
#define TEXT(lines) HEAD lines "end\n"

static const struct {
	const char *text;
	const char *error; /* NULL: is taken */
} cases[] = {
	{ TEXT(""), NULL },
	{ TEXT("\n# words\n   \n"), NULL },
	{ TEXT(REGION "  data 0x1000-0x2000\n  data 0x2000-0x5000\n"), NULL },
	{ TEXT(THREAD "fixup address=0x0 kind=1 which=0\n"), NULL },
	{ "", "line 0 of the image's text: the text ends too early" },
	{ "\n", "line 1 of the image's text: not the text of an image" },
	{ "unexec-image 1\n", "line 1 of the image's text: the text of another version" },
	{ "unexec-image 3\nend\n", "too early" },
	{ HEAD, "too early" },
	{ HEAD "end", "line 10 of the image's text: the line does not end" },
	{ TEXT("x\n"), "line 10 of the image's text: an unknown keyword" },
	{ TEXT("machine 62\n"), "duplicate" },
	{ TEXT("program /x\n"), "duplicate" },
	{ TEXT("end\n"), "after the end" },
	{ "unexec-image 3\nregion 0x0-0x1000 rw- - 0x0 x\n", "page-size must come first" },
	{ "unexec-image 3\npage-size 4097\n", "no such page size" },
	{ "unexec-image 3\npage-size 0\n", "no such page size" },
	{ "unexec-image 3\nmachine 4294967296\n", "invalid number" },
	{ "unexec-image 3\nmachine -1\n", "invalid number" },
	{ "unexec-image 3\nmachine 0x\n", "invalid number" },
	{ "unexec-image 3\nboot 0x10000000000000000\n", "invalid number" },
	{ "unexec-image 3\nboot 18446744073709551616\n", "invalid number" },
	{ "unexec-image 3\nmachine 62 63\n", "excess" },
	{ "unexec-image 3\nmm start-code=0x0\n", "a field is missing" },
	{ "unexec-image 3\nprogram \n", "name is missing" },
	{ "unexec-image 3\nprogram a\\q\n", "malformed" },
	{ "unexec-image 3\nprogram a\\x\n", "malformed" },
	{ "unexec-image 3\nprogram a\\x0\n", "malformed" },
	{ "unexec-image 3\nprogram a\\x00\n", "malformed" },
	{ "unexec-image 3\nprogram a\tb\n", "malformed" },
	{ "unexec-image 3\nprogram a\x7f\n", "malformed" },
	{ TEXT("region 0x1000 rw- - 0x0 x\n"), "invalid range" },
	{ TEXT("region 0x2000-0x1000 rw- - 0x0 x\n"), "empty" },
	{ TEXT("region 0x1000-0x1000 rw- - 0x0 x\n"), "empty" },
	{ TEXT("region 0x0-0xfffffffffffff000 rw- - 0x0 x\n"), "beyond all" },
	{ TEXT("region 0x1000-0x2001 rw- - 0x0 x\n"), "whole pages" },
	{ TEXT("region 0x1000-0x2000 rwz - 0x0 x\n"), "invalid protection" },
	{ TEXT("region 0x1000-0x2000 rwxr - 0x0 x\n"), "invalid protection" },
	{ TEXT("region 0x1000-0x2000 rw- shared,nice 0x0 x\n"), "unknown flag" },
	{ TEXT("region 0x1000-0x2000 rw- - z x\n"), "invalid offset" },
	{ TEXT("region 0x1000-0x2000 rw- - 0x0\n"), "name is missing" },
	{ TEXT("region 0x1000-0x2000 rw- - 0x0 x y\n"), "excess" },
	{ TEXT("region 0x1000-0x2000 rw- shared,reopen 0x0 -\n"), "has no name" },
	{ TEXT(REGION "region 0x4000-0x6000 rw- - 0x0 x\n"), "overlaps" },
	{ TEXT("region 0x8000-0x9000 rw- - 0x0 x\n" REGION), "overlaps" },
	{ TEXT("  data 0x1000-0x2000\n"), "data without" },
	{ TEXT(REGION "need x\n  data 0x1000-0x2000\n"), "data without" },
	{ TEXT(REGION "  data 0x0-0x2000\n"), "outside" },
	{ TEXT(REGION "  data 0x4000-0x6000\n"), "outside" },
	{ TEXT(REGION "  data 0x2000-0x3000\n  data 0x2000-0x4000\n"), "not in order" },
	{ TEXT(REGION "  data 0x3000-0x4000\n  data 0x1000-0x2000\n"), "not in order" },
	{ TEXT("region 0x1000-0x2000 rw- shared,reopen 0x0 x\n  data 0x1000-0x2000\n"),
	  "mapped from elsewhere" },
	{ TEXT("region 0x1000-0x2000 rw- shared,object 0x0 x\n  data 0x1000-0x2000\n"),
	  "mapped from elsewhere" },
	{ TEXT("region 0x1000-0x2000 rw- object 0x0 x\n"), "not shared" },
	{ TEXT("fixup address=0x0 kind=1 which=0\n"), "does not exist" },
	{ TEXT(THREAD "fixup address=0x0 kind=0 which=0\n"), "unknown kind" },
	{ TEXT(THREAD "fixup address=0x0 kind=99 which=0\n"), "unknown kind" },
	{ TEXT(THREAD "fixup address=0x0 kind=10 which=2304\n"), "impossible" },
	{ TEXT(THREAD "timer " TIMER), NULL },
	{ TEXT("timer " TIMER), "does not exist" },
	{ TEXT(THREAD "timer " TIMER "timer " TIMER), "not in order" },
	{ TEXT("itimer number=3 interval-s=0 interval-us=0 value-s=0 value-us=0\n"),
	  "no such timer" },
	{ TEXT(THREAD QUEUED("0x0", "16", "0x40")), NULL },
	{ TEXT(QUEUED("0xffffffff", "0", "0x1")), NULL },
	{ TEXT(QUEUED("0x0", "0", "0x1")), "does not exist" },
	{ TEXT(QUEUED("0xffffffff", "0", "0x41")), "no such signal" },
	{ TEXT(QUEUED("0xffffffff", "125", "0x1")), "outside of a signal" },
	{ TEXT(REGISTERS "state number=5 place=832 size=64\n"), NULL },
	{ TEXT(REGISTERS REGISTERS), "duplicate" },
	{ TEXT(REGISTERS "state number=32 place=832 size=64\n"), "no such state" },
	{ TEXT(REGISTERS "state number=5 place=65536 size=64\n"), "no such state" },
	{ TEXT("frame address=0x40\nframe address=0x80\n"), NULL },
	{ TEXT("frame address=0x80\nframe address=0x80\n"), "not in order" },
	{ TEXT(SIGNAL SIGNAL), "not in order" },
	{ TEXT("signal number=65 handler=0x0 flags=0x0 restorer=0x0 mask=0x0\n"),
	  "no such signal" },
	{ TEXT("file number=4294967295 flags=0x0 offset=0 x\n"), "no such descriptor" },
	{ TEXT("file number=3 flags=0x0 offset=0 x\nfile number=3 flags=0x0 offset=0 x\n"),
	  "not in order" },
};

START_TEST(parser_refuses)
{
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	struct image *image;

	image = image_parse(cases[_i].text, strlen(cases[_i].text), &report);
	if (!cases[_i].error) {
		ck_assert_msg(image, "%s", log.text);
		ck_assert_int_eq(log.count, 0);
	} else {
		ck_assert_ptr_null(image);
		ck_assert_int_eq(report.status, UNEXEC_MALFORMED);
		ck_assert_int_eq(log.count, 1);
		ck_assert_msg(strstr(log.text, cases[_i].error), "said '%s', not '%s'",
			      log.text, cases[_i].error);
	}
	image_free(image);
}
END_TEST

START_TEST(parser_refuses_bytes)
{
	static const char zero[] = TEXT("need a\0b\n");
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	size_t length = 1 << 17;
	char *line = xmalloc(length);

	ck_assert_ptr_null(image_parse(zero, sizeof(zero) - 1, &report));
	ck_assert_ptr_nonnull(strstr(log.text, "zero byte"));
	memset(line, 'x', length);
	line[length - 1] = '\n';
	ck_assert_ptr_null(image_parse(line, length, &report));
	ck_assert_ptr_nonnull(strstr(log.text, "too long"));
	free(line);
}
END_TEST

/* For truncated or changed text the parser fails or returns an image that prints as
 * itself again. */
START_TEST(damaged_text)
{
	struct image *image = full_image(), *other;
	size_t length, other_length;
	char *text = to_text(image, &length), *copy, *other_text;

	for (size_t i = 0; i < length; i++) {
		ck_assert_ptr_null(image_parse(text, i, NULL));
		copy = xmemdup(text, length);
		copy[i] ^= 1 << i % 8;
		other = image_parse(copy, length, NULL);
		if (other) {
			other_text = to_text(other, &other_length);
			image_free(other);
			other = image_parse(other_text, other_length, NULL);
			ck_assert_ptr_nonnull(other);
			free(other_text);
		}
		image_free(other);
		free(copy);
	}
	free(text);
	image_free(image);
}
END_TEST

/* Two regions: gaps below 0x10000, of 0x6000 bytes at 0x14000, and above 0x20000. */
static const struct room_case {
	struct room room;
	uint64_t expected;
} room_cases[] = {
	{ { .length = 0x1000, .within = { 0x10000, 0x40000 } }, 0x14000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x40000 }, .distance = 0x2000 }, 0x16000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x40000 }, .distance = 0x3000 }, 0x23000 },
	{ { .length = 0x1234, .within = { 0x10800, 0x40000 } }, 0x14000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x1a000 }, .highest = true }, 0x19000 },
	{ { .length = 0x1234, .within = { 0x10000, 0x20000 }, .highest = true }, 0x18000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x20000 }, .highest = true,
	    .distance = 0x1000 }, 0x18000 },
	{ { .length = 0x1000, .within = { 0x1000, 0x14000 }, .highest = true,
	    .distance = 0x1000 }, 0xe000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x40000 }, .avoid = { 0x14000, 0x18000 } },
	  0x18000 },
	{ { .length = 0x1000, .within = { 0x10000, 0x40000 }, .avoid = { 0x15000, 0x18000 } },
	  0x14000 },
	{ { .length = 0x3000, .within = { 0x10000, 0x20000 }, .avoid = { 0x15000, 0x18000 } },
	  0 },
	{ { .length = 0x1000, .within = { 0x10000, 0x14000 } }, 0 },
	{ { .length = 0x7000, .within = { 0x10000, 0x26fff } }, 0 },
	{ { .length = 0x7000, .within = { 0x10000, 0x27000 } }, 0x20000 },
};

START_TEST(find_room)
{
	struct image *image = image_new();

	image->page_size = 0x1000;
	image_add_region(image, (struct range){ 0x10000, 0x14000 }, 3, 0, 0, "");
	image_add_region(image, (struct range){ 0x1a000, 0x20000 }, 3, 0, 0, "");
	ck_assert_uint_eq(image_find_room(image, &room_cases[_i].room), room_cases[_i].expected);
	image_free(image);
}
END_TEST

/* The place of the old vDSO's data is not free: the new one may take it. */
START_TEST(no_room_for_vdso_data)
{
	const struct room room = { .length = 0x1000, .within = { 0x10000, 0x1a000 },
				   .highest = true };
	struct image *image = image_new();

	image->page_size = 0x1000;
	image_add_region(image, (struct range){ 0x10000, 0x14000 }, 3, 0, 0, "");
	image_add_region(image, (struct range){ 0x1a000, 0x1c000 }, 5, 0, 0, "[vdso]");
	ck_assert_uint_eq(image_find_room(image, &room), 0x19000);
	image->vdso.address = 0x1a000;
	image->vdso.start = 0x16000;
	ck_assert_uint_eq(image_find_room(image, &room), 0x15000);
	image_free(image);
}
END_TEST

/* Runs are joined, cut at their greatest length, and united; across regions they are not joined. */
START_TEST(runs_of_pages)
{
	const uint64_t longest = PLAN_PREFAULT_PAGES * 0x1000;
	struct runs runs = { 0 }, other = { 0 };
	struct image *image = image_new();

	image->page_size = 0x1000;
	image_add_region(image, (struct range){ 0x10000, 0x20000 }, 3, 0, 0, "");
	image_add_region(image, (struct range){ 0x20000, 0x30000 }, 3, 0, 0, "");
	runs_add(&runs, (struct range){ 0x11000, 0x12000 }, 0x1000);
	runs_add(&runs, (struct range){ 0x12000, 0x13000 }, 0x1000);
	runs_add(&runs, (struct range){ 0x1f000, 0x20000 }, 0x1000);
	ck_assert_uint_eq(runs.count, 2);
	runs_add(&other, (struct range){ 0x10000, 0x14000 }, 0x1000);
	runs_add(&other, (struct range){ 0x18000, 0x19000 }, 0x1000);
	runs_add(&other, (struct range){ 0x20000, 0x21000 }, 0x1000);
	runs_unite(&runs, &other, 0x1000);
	ck_assert_uint_eq(runs.count, 3);
	ck_assert_uint_eq(runs.pages, 7);
	ck_assert_uint_eq(runs.list[0].start, 0x10000);
	ck_assert_uint_eq(runs.list[0].end, 0x14000);
	ck_assert_uint_eq(runs.list[2].start, 0x1f000);
	ck_assert_uint_eq(runs.list[2].end, 0x21000);
	runs_limit(&runs, image, 2);
	ck_assert_uint_eq(runs.count, 2);
	ck_assert_uint_eq(runs.list[0].end, 0x19000);
	runs_add(&runs, (struct range){ 0x40000, 0x40000 + 2 * longest }, 0x1000);
	ck_assert_uint_eq(runs.count, 4);
	ck_assert_uint_eq(range_length(runs.list[3]), longest);
	runs_free(&runs);
	runs_free(&other);
	image_free(image);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, runs_of_pages);
	tcase_add_test(tests, no_room_for_vdso_data);
	tcase_add_loop_test(tests, find_room, 0, sizeof(room_cases) / sizeof(*room_cases));
	tcase_add_test(tests, round_trip);
	tcase_add_test(tests, find);
	tcase_add_test(tests, many_items);
	tcase_add_loop_test(tests, parser_refuses, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tests, parser_refuses_bytes);
	tcase_add_test(tests, damaged_text);
}

int main(void)
{
	return unit_run("image", add);
}
