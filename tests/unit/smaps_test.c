/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading smaps: text of kernels of several years, malformed text, and streams that end too
 * early. Also the region that each kind of mapping becomes in an image.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process/regions.h"
#include "process/smaps.h"
#include "unit.h"

#define R PROT_READ
#define W PROT_WRITE
#define X PROT_EXEC

#define NAME(string) .name = (char *)(string)

#define HEAD "00400000-00401000 r--p 00000000 00:00 0 \n"
#define FLAGS "VmFlags: rd mr mw me \n"

/* ---- Text of kernels -------------------------------------------------------------------- */

struct sample {
	const char *text;
	struct smaps_entry expected;
};

/* 5.10: no Pss_Dirty, FileAndShmem…, the flags end in "sd". */
static const struct sample v5_10[] = {
	{ "5572e8a3c000-5572e8a3e000 r--p 00000000 fe:01 1835037                    /usr/bin/cat\n"
	  "Size:                  8 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
	  "Rss:                   8 kB\nPss:                   8 kB\nShared_Clean:          0 kB\n"
	  "Shared_Dirty:          0 kB\nPrivate_Clean:         8 kB\nPrivate_Dirty:         0 kB\n"
	  "Referenced:            8 kB\nAnonymous:             0 kB\nLazyFree:              0 kB\n"
	  "AnonHugePages:         0 kB\nShmemPmdMapped:        0 kB\nFilePmdMapped:         0 kB\n"
	  "Shared_Hugetlb:        0 kB\nPrivate_Hugetlb:       0 kB\nSwap:                  0 kB\n"
	  "SwapPss:               0 kB\nLocked:                0 kB\nTHPeligible:    0\n"
	  "VmFlags: rd mr mw me dw sd \n",
	  { .range = { 0x5572e8a3c000, 0x5572e8a3e000 }, .prot = R, NAME("/usr/bin/cat"),
	    .resident = 8 << 10 } },
	{ "5572e97c5000-5572e97e6000 rw-p 00000000 00:00 0                          [heap]\n"
	  "Size:                132 kB\nRss:                  12 kB\nSwap:                  4 kB\n"
	  "SwapPss:               4 kB\nVmFlags: rd wr mr mw me ac sd \n",
	  { .range = { 0x5572e97c5000, 0x5572e97e6000 }, .prot = R | W, NAME("[heap]"),
	    .resident = 16 << 10 } },
	{ "7ffd5c8f4000-7ffd5c915000 rw-p 00000000 00:00 0                          [stack]\n"
	  "Size:                132 kB\nRss:                  16 kB\n"
	  "VmFlags: rd wr mr mw me gd ac \n",
	  { .range = { 0x7ffd5c8f4000, 0x7ffd5c915000 }, .prot = R | W, NAME("[stack]"),
	    .flags = REGION_GROWSDOWN, .resident = 16 << 10 } },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"
	  "Size:                  4 kB\nRss:                   0 kB\nVmFlags: ex \n",
	  { .range = { 0xffffffffff600000, 0xffffffffff601000 }, .prot = X,
	    NAME("[vsyscall]") } },
};

/* 6.1: Pss_Dirty; a protection key on machines that have them. */
static const struct sample v6_1[] = {
	{ "7f2c40000000-7f2c40021000 rw-p 00000000 00:00 0 \n"
	  "Size:                132 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
	  "Rss:                   4 kB\nPss:                   4 kB\nPss_Dirty:             4 kB\n"
	  "Locked:                0 kB\nTHPeligible:    0\nProtectionKey:         0\n"
	  "VmFlags: rd wr mr mw me nr sd \n",
	  { .range = { 0x7f2c40000000, 0x7f2c40021000 }, .prot = R | W, NAME(""),
	    .flags = REGION_NORESERVE, .resident = 4 << 10 } },
	{ "7f2c44000000-7f2c44001000 rw-p 00000000 00:00 0 \n"
	  "Rss:                   4 kB\nProtectionKey:        11\nVmFlags: rd wr mr mw me ac sd \n",
	  { .range = { 0x7f2c44000000, 0x7f2c44001000 }, .prot = R | W, NAME(""),
	    .protection_key = 11, .resident = 4 << 10 } },
	{ "7f2c45000000-7f2c45800000 rw-p 00000000 00:10 20481                      /anon_hugepage (deleted)\n"
	  "Rss:                   0 kB\nShared_Hugetlb:        0 kB\nPrivate_Hugetlb:    2048 kB\n"
	  "VmFlags: rd wr mr mw me de ht sd \n",
	  { .range = { 0x7f2c45000000, 0x7f2c45800000 }, .prot = R | W, .huge = true,
	    NAME("/anon_hugepage (deleted)"), .resident = 2 << 20 } },
	{ "7f2c46000000-7f2c46010000 rw-s 00003000 fe:01 393230                     /tmp/a b  c (deleted)\n"
	  "Rss:                  64 kB\nVmFlags: rd wr sh mr mw me ms sd \n",
	  { .range = { 0x7f2c46000000, 0x7f2c46010000 }, .prot = R | W, .offset = 0x3000,
	    NAME("/tmp/a b  c (deleted)"), .flags = REGION_SHARED, .shared = true,
	    .writable_file = true, .resident = 64 << 10 } },
	{ "7f2c47000000-7f2c47001000 r--s 00000000 fe:01 393231                     /var/cache/\\012two\\\\lines\\012\n"
	  "Rss:                   4 kB\nVmFlags: rd mr me ms sd \n",
	  { .range = { 0x7f2c47000000, 0x7f2c47001000 }, .prot = R,
	    NAME("/var/cache/\ntwo\\\\lines\n"), .flags = REGION_SHARED, .shared = true,
	    .resident = 4 << 10 } },
};

/* 6.18: [vvar_vclock] (6.13), KSM, "dp", "ss", "sl"; names that programs gave (5.17). */
static const struct sample v6_18[] = {
	{ "7fab3c3fe000-7fab3c402000 r--p 00000000 00:00 0                          [vvar]\n"
	  "Size:                 16 kB\nRss:                   0 kB\nKSM:                   0 kB\n"
	  "ProtectionKey:         0\nVmFlags: rd mr pf io de dd \n",
	  { .range = { 0x7fab3c3fe000, 0x7fab3c402000 }, .prot = R, NAME("[vvar]"),
	    .device = true, .flags = REGION_DONTDUMP } },
	{ "7fab3c402000-7fab3c404000 r--p 00000000 00:00 0                          [vvar_vclock]\n"
	  "Size:                  8 kB\nRss:                   0 kB\nVmFlags: rd mr pf io de dd sl \n",
	  { .range = { 0x7fab3c402000, 0x7fab3c404000 }, .prot = R, NAME("[vvar_vclock]"),
	    .device = true, .flags = REGION_DONTDUMP | REGION_SEALED } },
	{ "7fab3c404000-7fab3c406000 r-xp 00000000 00:00 0                          [vdso]\n"
	  "Size:                  8 kB\nRss:                   4 kB\nVmFlags: rd ex mr mw me de sl \n",
	  { .range = { 0x7fab3c404000, 0x7fab3c406000 }, .prot = R | X, NAME("[vdso]"),
	    .flags = REGION_SEALED, .resident = 4 << 10 } },
	{ "7fab3c500000-7fab3c510000 rw-p 00000000 00:00 0                          [anon:malloc arena]\n"
	  "Rss:                  20 kB\nVmFlags: rd wr mr mw me lo ac lf sr rr hg mg \n",
	  { .range = { 0x7fab3c500000, 0x7fab3c510000 }, .prot = R | W,
	    NAME("[anon:malloc arena]"), .flags = REGION_HUGEPAGE | REGION_MERGEABLE
	    | REGION_LOCKED | REGION_LOCKONFAULT | REGION_SEQUENTIAL | REGION_RANDOM,
	    .resident = 20 << 10 } },
	{ "7fab3c510000-7fab3c520000 rw-s 00000000 00:01 77                         [anon_shmem:ring]\n"
	  "Rss:                   0 kB\nVmFlags: rd wr sh mr mw me ms lo \n",
	  { .range = { 0x7fab3c510000, 0x7fab3c520000 }, .prot = R | W,
	    NAME("[anon_shmem:ring]"), .flags = REGION_SHARED | REGION_LOCKED, .shared = true,
	    .writable_file = true } },
	{ "7fab3c520000-7fab3c521000 ---p 00000000 00:00 0 \n"
	  "Rss:                   0 kB\nVmFlags: mr mw me dc wf nh dp um \n",
	  { .range = { 0x7fab3c520000, 0x7fab3c521000 }, NAME(""), .droppable = true,
	    .flags = REGION_DONTFORK | REGION_WIPEONFORK | REGION_NOHUGEPAGE,
	    .userfault = true } },
	{ "7fab3c530000-7fab3c531000 rw-p 00000000 00:00 0 \n"
	  "Rss:                   4 kB\nVmFlags: rd wr mr mw me ac ss zz \nFuture: much\n",
	  { .range = { 0x7fab3c530000, 0x7fab3c531000 }, .prot = R | W, NAME(""),
	    .shadow_stack = true, .resident = 4 << 10 } },
	{ "7fab3c540000-7fab3c541000 rw-s 000fe000 00:06 1042                       /dev/dri/card0\n"
	  "Rss:                   0 kB\nVmFlags: rd wr sh mr mw me ms pf io de dd \n",
	  { .range = { 0x7fab3c540000, 0x7fab3c541000 }, .prot = R | W, .offset = 0xfe000,
	    NAME("/dev/dri/card0"), .device = true, .shared = true, .writable_file = true,
	    .flags = REGION_SHARED | REGION_DONTDUMP } },
};

static const struct {
	const struct sample *samples;
	size_t count;
} kernels[] = {
	{ v5_10, sizeof(v5_10) / sizeof(*v5_10) },
	{ v6_1, sizeof(v6_1) / sizeof(*v6_1) },
	{ v6_18, sizeof(v6_18) / sizeof(*v6_18) },
};

static char *join(const struct sample *samples, size_t count)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	for (size_t i = 0; i < count; i++)
		fputs(samples[i].text, stream);
	fclose(stream);
	return text;
}

static void open_text(struct smaps_reader *reader, const char *text, size_t length)
{
	/* fmemopen takes no empty buffer. */
	FILE *stream = length ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");

	ck_assert_ptr_nonnull(stream);
	smaps_open(reader, stream);
}

static void check_entry(const struct smaps_entry *got, const struct smaps_entry *expected)
{
	ck_assert_str_eq(got->name, expected->name);
	ck_assert_uint_eq(got->range.start, expected->range.start);
	ck_assert_uint_eq(got->range.end, expected->range.end);
	ck_assert_uint_eq(got->prot, expected->prot);
	ck_assert_msg(got->flags == expected->flags, "%s: flags %#x, not %#x", got->name,
		      got->flags, expected->flags);
	ck_assert_uint_eq(got->offset, expected->offset);
	ck_assert_uint_eq(got->resident, expected->resident);
	ck_assert_uint_eq(got->protection_key, expected->protection_key);
	ck_assert_int_eq(got->shared, expected->shared);
	ck_assert_int_eq(got->writable_file, expected->writable_file);
	ck_assert_int_eq(got->device, expected->device);
	ck_assert_int_eq(got->huge, expected->huge);
	ck_assert_int_eq(got->shadow_stack, expected->shadow_stack);
	ck_assert_int_eq(got->userfault, expected->userfault);
	ck_assert_int_eq(got->droppable, expected->droppable);
}

START_TEST(kernels_are_understood)
{
	const struct sample *samples = kernels[_i].samples;
	size_t count = kernels[_i].count;
	char *text = join(samples, count);
	struct smaps_reader reader;
	struct smaps_entry entry;

	open_text(&reader, text, strlen(text));
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(smaps_next(&reader, &entry), 1);
		check_entry(&entry, &samples[i].expected);
	}
	ck_assert_int_eq(smaps_next(&reader, &entry), 0);
	ck_assert_int_eq(smaps_next(&reader, &entry), 0);
	smaps_close(&reader);
	free(text);
}
END_TEST

/* The smaps of this process; only the kernel knows their content. */
START_TEST(this_kernel_is_understood)
{
	struct smaps_reader reader;
	struct smaps_entry entry;
	uint64_t here = (uintptr_t)&reader, last = 0;
	int more, found = 0;

	smaps_open(&reader, fopen("/proc/self/smaps", "r"));
	while ((more = smaps_next(&reader, &entry)) > 0) {
		ck_assert_uint_ge(entry.range.start, last);
		last = entry.range.end;
		if (here < entry.range.start || here >= entry.range.end)
			continue;
		found++;
		ck_assert_uint_eq(entry.prot & (R | W), R | W);
		ck_assert_uint_gt(entry.resident, 0);
		ck_assert(!entry.shared && !entry.device);
	}
	ck_assert_int_eq(more, 0);
	ck_assert_int_eq(found, 1);
	smaps_close(&reader);
}
END_TEST

/* ---- Text that no kernel writes --------------------------------------------------------- */

static const char *const malformed[] = {
	"\n",
	"no head\n" FLAGS,
	FLAGS,
	HEAD "Rss: 4 kB\n",
	HEAD HEAD FLAGS,
	HEAD FLAGS "rubbish\n",
	HEAD FLAGS HEAD,
	"00401000-00400000 r--p 00000000 00:00 0 \n" FLAGS,
	"00400000-00400000 r--p 00000000 00:00 0 \n" FLAGS,
	"00400000--0000001 r--p 00000000 00:00 0 \n" FLAGS,
	"-1-00400000 r--p 00000000 00:00 0 \n" FLAGS,
	" 00400000-00401000 r--p 00000000 00:00 0 \n" FLAGS,
	"00400000- 00401000 r--p 00000000 00:00 0 \n" FLAGS,
	"00400000-10000000000000000 r--p 00000000 00:00 0 \n" FLAGS,
	"00400000-00401000 r--p 10000000000000000 00:00 0 \n" FLAGS,
	"00400000-00401000 r--p -0000001 00:00 0 \n" FLAGS,
	"00400000-00401000 r--q 00000000 00:00 0 \n" FLAGS,
	"00400000-00401000 w--p 00000000 00:00 0 \n" FLAGS,
	"00400000-00401000 rwxps 00000000 00:00 0 \n" FLAGS,
	"00400000-00401000 rwx 00000000 00:00 0 \n" FLAGS,
	"00400000-00401000 r--p\n" FLAGS,
	"00400000-00401000 r--p 00000000\n" FLAGS,
	"00400000-00401000 r--p 00000000 00:00\n" FLAGS,
	"00400000-00401000 r--p 00000000 0000 0 \n" FLAGS,
	"00400000-00401000 r--p 00000000 00:00 ff \n" FLAGS,
	"00400000:00401000 r--p 00000000 00:00 0 \n" FLAGS,
};

START_TEST(malformed_is_refused)
{
	struct smaps_reader reader;
	struct smaps_entry entry;
	int more;

	open_text(&reader, malformed[_i], strlen(malformed[_i]));
	while ((more = smaps_next(&reader, &entry)) > 0)
		;
	ck_assert_msg(more < 0, "taken: %s", malformed[_i]);
	ck_assert_int_eq(errno, EBADMSG);
	smaps_close(&reader);
}
END_TEST

/* Text that is cut within an entry must not be accepted as a shorter list. */
START_TEST(truncated_is_refused)
{
	const struct sample *samples = kernels[_i].samples;
	char *text = join(samples, kernels[_i].count);
	size_t whole = 0, until = strlen(samples[0].text);
	struct smaps_reader reader;
	struct smaps_entry entry;

	for (size_t length = 0; text[length]; length++) {
		size_t read = 0;
		int more;

		if (length == until)
			until += strlen(samples[++whole].text);
		open_text(&reader, text, length);
		while ((more = smaps_next(&reader, &entry)) > 0)
			check_entry(&entry, &samples[read++].expected);
		/* "Future: much" is after the flags: text cut before it is complete. */
		if (more == 0 && read == whole + 1 && strstr(samples[whole].text, "Future"))
			ck_assert_str_eq(text + length, strstr(text + length, "Future"));
		else
			ck_assert_int_eq(more, length == until - strlen(samples[whole].text)
						       ? 0 : -1);
		if (more < 0)
			ck_assert_int_eq(errno, EBADMSG);
		smaps_close(&reader);
	}
	free(text);
}
END_TEST

static ssize_t broken_read(void *cookie, char *buffer, size_t size)
{
	const char **text = cookie;
	size_t length = strlen(*text) < size ? strlen(*text) : size;

	if (!length) {
		errno = EIO;
		return -1;
	}
	memcpy(buffer, *text, length);
	*text += length;
	return (ssize_t)length;
}

START_TEST(read_errors_are_told)
{
	const char *texts[] = { "", HEAD, HEAD FLAGS, HEAD FLAGS HEAD "Rss:" };
	const char *text = texts[_i];
	struct smaps_reader reader;
	struct smaps_entry entry;
	int more;

	smaps_open(&reader, fopencookie(&text, "r", (cookie_io_functions_t){
		.read = broken_read }));
	while ((more = smaps_next(&reader, &entry)) > 0)
		;
	ck_assert_int_eq(more, -1);
	if (_i < 3) /* the last text ends in half a line, which is an error by itself */
		ck_assert_int_eq(errno, EIO);
	smaps_close(&reader);
}
END_TEST

/* ---- Regions of mappings ---------------------------------------------------------------- */

static FILE *no_file(void)
{
	FILE *stream = tmpfile();

	ck_assert_ptr_nonnull(stream);
	return stream;
}

/* Captures the regions of such a process; pages are looked up in this process's pagemap. */
static struct image *capture(const char *smaps, struct report *report)
{
	struct process process = { .report = report };
	FILE *stream = no_file(), *pagemap = fopen("/proc/self/pagemap", "r");

	ck_assert_ptr_nonnull(pagemap);
	fputs(smaps, stream);
	fflush(stream);
	rewind(stream);
	process.capture.image = image_new();
	process.capture.image->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	process.handoff.fds.smaps = dup(fileno(stream));
	process.handoff.fds.pagemap = fileno(pagemap);
	process_capture_regions(&process);
	fclose(stream);
	fclose(pagemap);
	return process.capture.image;
}

/* Three pages of memory, the second touched; and their smaps with that name. */
static char *named_memory(const char *permissions, const char *name, const char *flags,
			  uint64_t *ret_start)
{
	int kind = permissions[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
	char *text, *memory = mmap(NULL, 3 * 4096, R | W, kind | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	memory[4096] = 1;
	*ret_start = (uintptr_t)memory;
	ck_assert_int_gt(asprintf(&text, "%lx-%lx %s 00000000 00:00 0    %s\nRss: 4 kB\n"
				  "VmFlags: %s\n", (long)memory, (long)memory + 3 * 4096,
				  permissions, name, flags), 0);
	return text;
}

/* A name that a program gave (PR_SET_VMA_ANON_NAME) changes nothing. */
START_TEST(names_of_anonymous_memory)
{
	static const struct {
		const char *permissions, *name, *flags;
		uint32_t region_flags;
	} cases[] = {
		{ "rw-p", "", "rd wr ac", 0 },
		{ "rw-p", "[anon:x]", "rd wr ac", 0 },
		{ "rw-p", "[anon:/dev/null]", "rd wr ac", 0 },
		{ "rw-p", "[anon: y (deleted)]", "rd wr ac", 0 },
		{ "rw-s", "/dev/zero (deleted)", "rd wr sh",
		  REGION_SHARED | REGION_OBJECT },
		{ "rw-s", "[anon_shmem:ring]", "rd wr sh", REGION_SHARED | REGION_OBJECT },
	};
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	uint64_t start;
	char *text = named_memory(cases[_i].permissions, cases[_i].name, cases[_i].flags,
				  &start);
	struct image *image = capture(text, &report);
	const struct region *region = &image->regions[0];

	ck_assert_msg(!report.status, "%s", log.text);
	ck_assert_uint_eq(image->region_count, 1);
	ck_assert_str_eq(region->name, cases[_i].name);
	ck_assert_uint_eq(region->flags, cases[_i].region_flags);
	if (!cases[_i].region_flags) {
		ck_assert_uint_eq(region->data_count, 1);
		ck_assert_uint_eq(region->data[0].start, start + 4096);
		ck_assert_uint_eq(region->data[0].end, start + 2 * 4096);
	}
	ck_assert_int_eq(log.count, cases[_i].region_flags ? 1 : 0); /* of shared memory */
	image_free(image);
	munmap((void *)start, 3 * 4096);
	free(text);
}
END_TEST

START_TEST(what_cannot_be_kept_is_named)
{
	static const struct {
		const char *text;
		enum unexec_code code;
		const char *says;
	} cases[] = {
		{ "1000-2000 rw-s 0 00:06 1     /dev/dri/card0\nVmFlags: rd wr sh io pf\n",
		  UNEXEC_CODE_DEVICE, "/dev/dri/card0" },
		{ "1000-2000 rw-s 0 00:06 1     anon_inode:[perf_event]\nVmFlags: rd wr sh\n",
		  UNEXEC_CODE_DEVICE, "perf_event" },
		{ "1000-2000 rw-s 0 00:06 1     anon_inode:[io_uring]\nVmFlags: rd wr sh\n",
		  UNEXEC_CODE_IO_URING, "io_uring" },
		{ "1000-2000 rw-s 0 00:06 1     socket:[7]\nVmFlags: rd wr sh\n",
		  UNEXEC_CODE_DEVICE, "socket" },
		{ "1000-2000 rw-s 0 00:06 1     /secretmem (deleted)\nVmFlags: rd wr sh\n",
		  UNEXEC_CODE_MAPPING, "secret" },
		{ "1000-2000 --xp 0 00:00 0     [uprobes]\nVmFlags: ex\n",
		  UNEXEC_CODE_MAPPING, "uprobes" },
		{ "1000-2000 rw-p 0 00:00 0 \nVmFlags: rd wr ss\n",
		  UNEXEC_CODE_MAPPING, "shadow stack" },
		{ "1000-2000 rw-p 0 00:00 0 \nVmFlags: rd wr um\n",
		  UNEXEC_CODE_MAPPING, "userfaultfd" },
		{ "1000-2000 rw-p 0 00:00 0 \nProtectionKey: 3\nVmFlags: rd wr\n",
		  UNEXEC_CODE_MAPPING, "protection key" },
		{ "1000-2000 rw-p 0 00:00 0 \nVmFla", UNEXEC_CODE_NO_PROC, "line 2" },
		{ "rubbish\n", UNEXEC_CODE_NO_PROC, "line 1" },
	};
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	struct image *image = capture(cases[_i].text, &report);

	ck_assert_int_eq(log.count, 1);
	ck_assert_int_eq(log.last.code, cases[_i].code);
	ck_assert_int_eq(log.last.severity, UNEXEC_ERROR);
	ck_assert_msg(strstr(log.text, cases[_i].says), "%s", log.text);
	ck_assert_uint_eq(image->region_count, 0);
	image_free(image);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, kernels_are_understood, 0, 3);
	tcase_add_test(tests, this_kernel_is_understood);
	tcase_add_loop_test(tests, malformed_is_refused, 0,
			    sizeof(malformed) / sizeof(*malformed));
	tcase_add_loop_test(tests, truncated_is_refused, 0, 3);
	tcase_add_loop_test(tests, read_errors_are_told, 0, 4);
	tcase_add_loop_test(tests, names_of_anonymous_memory, 0, 6);
	tcase_add_loop_test(tests, what_cannot_be_kept_is_named, 0, 11);
}

int main(void)
{
	return unit_run("smaps", add_tests);
}
