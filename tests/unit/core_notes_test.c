/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the notes of a core: notes that kernel and gdb write, and malformed ones.
 */
#include <elf.h>
#include <sys/procfs.h>

#include "sources/core/core.h"
#include "unit.h"

/* Several notes in a row. */
struct bytes {
	unsigned char at[65536];
	size_t length;
};

static void put(struct bytes *bytes, const void *from, size_t length)
{
	ck_assert_uint_le(bytes->length + length + 4, sizeof(bytes->at));
	memcpy(bytes->at + bytes->length, from, length);
	bytes->length += (length + 3) & ~(size_t)3;
}

static void add(struct bytes *bytes, const char *owner, uint32_t type, const void *content,
		size_t size)
{
	const Elf64_Nhdr header = { (Elf64_Word)strlen(owner) + 1, (Elf64_Word)size, type };

	put(bytes, &header, sizeof(header));
	put(bytes, owner, strlen(owner) + 1);
	put(bytes, content, size);
}

static void add_status(struct bytes *bytes, int tid, int parent)
{
	struct elf_prstatus status = { .pr_pid = tid, .pr_ppid = parent, .pr_cursig = 6,
				       .pr_sighold = 0x55, .pr_sigpend = 0x101 };

	status.pr_reg[3] = (unsigned long)tid * 2;
	add(bytes, "CORE", NT_PRSTATUS, &status, sizeof(status));
}

static void add_process(struct bytes *bytes, int pid)
{
	const uint64_t auxv[] = { AT_ENTRY, 0x1234, AT_NULL, 0 };
	struct elf_prpsinfo info = { .pr_pid = pid };

	/* No NUL: the kernel truncates a longer name to the field. */
	memcpy(info.pr_fname, "a long name here", sizeof(info.pr_fname));
	add(bytes, "CORE", NT_PRPSINFO, &info, sizeof(info));
	add(bytes, "CORE", NT_AUXV, auxv, sizeof(auxv));
}

static int read_all(struct core_notes *notes, const struct bytes *bytes, struct unit_log *log)
{
	struct report report = { .sink = unit_sink, .context = log };

	return core_notes_read(notes, bytes->at, bytes->length, &report)
	       || core_notes_finish(notes, &report) ? -1 : 0;
}

/* The kernel writes the crashed thread first. A thread's other notes follow its status. */
START_TEST(threads_have_what_follows_them)
{
	static struct bytes bytes;
	unsigned char small[512] = { 1 }, large[832] = { 2 };
	struct core_notes notes = { 0 };
	struct unit_log log = { 0 };

	add_status(&bytes, 12, 1);
	add_process(&bytes, 11);
	add(&bytes, "CORE", NT_PRFPREG, small, sizeof(small));
	add(&bytes, "LINUX", NT_X86_XSTATE, large, sizeof(large));
	add_status(&bytes, 11, 1);
	add(&bytes, "LINUX", NT_X86_XSTATE, large, sizeof(large));
	add(&bytes, "CORE", NT_PRFPREG, small, sizeof(small));
	add_status(&bytes, 13, 1);
	add(&bytes, "CORE", NT_PRFPREG, small, sizeof(small));
	add(&bytes, "OTHER", NT_PRSTATUS, "of somebody else's", 8);
	ck_assert_int_eq(read_all(&notes, &bytes, &log), 0);
	ck_assert_uint_eq(notes.thread_count, 3);
	ck_assert_uint_eq(notes.threads[0].tid, 11);
	ck_assert_uint_eq(notes.threads[1].tid, 12);
	ck_assert_uint_eq(notes.threads[2].tid, 13);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(((uint64_t *)notes.threads[i].registers)[3],
				  2 * notes.threads[i].tid);
	ck_assert_uint_eq(notes.threads[0].vector_size, sizeof(large));
	ck_assert_uint_eq(notes.threads[1].vector_size, sizeof(large));
	ck_assert_uint_eq(notes.threads[2].vector_size, sizeof(small));
	ck_assert_uint_eq(notes.threads[0].mask, 0x55);
	/* The pending SIGKILL is dropped: the kernel sent it to end the process. */
	ck_assert_uint_eq(notes.threads[0].pending, 1);
	ck_assert_uint_eq(core_auxv(&notes, AT_ENTRY), 0x1234);
	ck_assert_uint_eq(core_auxv(&notes, AT_PHDR), 0);
	ck_assert_str_eq(notes.name, "a long name here");
	ck_assert(!notes.by_debugger);
	core_notes_free(&notes);
}
END_TEST

START_TEST(debuggers_leave_signals_out)
{
	static struct bytes bytes;
	struct core_notes notes = { 0 };
	struct unit_log log = { 0 };

	add_process(&bytes, 11);
	add_status(&bytes, 11, 0);
	ck_assert_int_eq(read_all(&notes, &bytes, &log), 0);
	ck_assert(notes.by_debugger);
	core_notes_free(&notes);
}
END_TEST

/* The kernel counts in pages, gdb in bytes; the names follow the numbers. */
START_TEST(files_have_their_names)
{
	static struct bytes bytes;
	struct {
		uint64_t head[2], items[2][3];
		char names[8];
	} files = { { 2, 4096 }, { { 0x5000, 0x7000, 3 }, { 0x1000, 0x2000, 0 } }, "/a\0/bcd" };
	struct core_notes notes = { 0 };
	struct unit_log log = { 0 };

	add_status(&bytes, 11, 1);
	add_process(&bytes, 11);
	add(&bytes, "CORE", NT_FILE, &files, sizeof(files));
	ck_assert_int_eq(read_all(&notes, &bytes, &log), 0);
	ck_assert_uint_eq(notes.mapping_count, 2);
	ck_assert_str_eq(notes.mappings[0].path, "/bcd");
	ck_assert_str_eq(notes.mappings[1].path, "/a");
	ck_assert_uint_eq(notes.mappings[1].range.start, 0x5000);
	ck_assert_uint_eq(notes.mappings[1].range.end, 0x7000);
	ck_assert_uint_eq(notes.mappings[1].offset, 0x3000);
	core_notes_free(&notes);
}
END_TEST

/* Truncated notes give an error or a shorter list, and are never read beyond their end. */
START_TEST(any_length_is_safe)
{
	static struct bytes bytes;
	uint64_t files[5] = { 1, 1, 0x1000, 0x2000, 0 };
	size_t whole = 0;

	add_status(&bytes, 11, 1);
	add_process(&bytes, 11);
	add(&bytes, "CORE", NT_FILE, files, sizeof(files)); /* without the name */
	for (size_t length = 0; length <= bytes.length; length++) {
		/* A copy on the heap, so that a sanitizer sees reads after its end. */
		unsigned char *copy = malloc(length + 1);
		struct core_notes notes = { 0 };
		struct unit_log log = { 0 };
		struct report report = { .sink = unit_sink, .context = &log };

		memcpy(copy, bytes.at, length);
		if (!core_notes_read(&notes, copy, length, &report))
			whole++;
		else
			ck_assert_int_eq(report.status, UNEXEC_MALFORMED);
		core_notes_free(&notes);
		free(copy);
	}
	/* Readable lengths: the four borders of notes, and those with an incomplete header. */
	ck_assert_uint_eq(whole, 3 * sizeof(Elf64_Nhdr) + sizeof(Elf64_Nhdr));
}
END_TEST

static const struct wrong {
	const char *what;
	uint64_t words[6];
	size_t size;
} wrong_files[] = {
	{ "shorter", { 1 }, 8 },
	{ "shorter", { 2, 1, 0, 1, 0 }, 40 },
	{ "shorter", { UINT64_MAX, 1, 0, 1, 0 }, 48 },
	{ "invalid", { 1, 1, 2, 1, 0, 0x61 }, 48 },
	{ "invalid", { 1, 1, 1, 1, 0, 0x61 }, 48 },
	{ "invalid", { 1, UINT64_C(1) << 60, 1, 2, 16, 0x61 }, 48 },
	{ "invalid", { 1, 1, 1, 2, INT64_MAX, 0x61 }, 48 },
	{ "invalid", { 1, 1, 1, 2, 0, 0x6161616161616161 }, 48 },
};

START_TEST(wrong_files_are_told)
{
	const struct wrong *wrong = &wrong_files[_i];
	static struct bytes bytes;
	struct core_notes notes = { 0 };
	struct unit_log log = { 0 };

	add_status(&bytes, 11, 1);
	add_process(&bytes, 11);
	add(&bytes, "CORE", NT_FILE, wrong->words, wrong->size);
	ck_assert_int_eq(read_all(&notes, &bytes, &log), -1);
	ck_assert_int_eq(log.count, 1);
	ck_assert_ptr_nonnull(strstr(log.text, wrong->what));
	core_notes_free(&notes);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, threads_have_what_follows_them);
	tcase_add_test(tests, debuggers_leave_signals_out);
	tcase_add_test(tests, files_have_their_names);
	tcase_add_test(tests, any_length_is_safe);
	tcase_add_loop_test(tests, wrong_files_are_told, 0,
			    sizeof(wrong_files) / sizeof(*wrong_files));
}

int main(void)
{
	return unit_run("core_notes", add_tests);
}
