/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ELF writer, without layout and capture: images and layouts made by hand, memory from
 * buffers or this very process, a restarter of a few instructions. The files are run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "elf/file.h"
#include "elf/symbols.h"
#include "embedded/embedded.h"
#include "writer/writer.h"
#include "writer/plan_writer.h"
#include "writer/sections.h"
#include "writer/stream.h"
#include "base/xalloc.h"
#include "unit.h"

#define PAGE UINT64_C(4096)
/* Code and plan; the plan has room for the ranges that tune adds. */
#define OWN_PAGES (1 + PLAN_PREFAULT_ROOM * sizeof(uint64_t) / PAGE)

#define TEXT_AT UINT64_C(0x10000000)
#define STAGED_FROM UINT64_C(0x7fffff000000)
#define STAGING UINT64_C(0x100000000000)
#define RESTARTER UINT64_C(0x100010000000)

/* Prints six bytes at TEXT_AT; exits with 7 if the plan is where it should be. */
__asm__(".pushsection .rodata\n"
	".globl restarter_blob_start, restarter_blob_end\n"
	"restarter_blob_start:\n"
	"	mov $1, %eax\n"
	"	mov $1, %edi\n"
	"	mov $0x10000000, %esi\n"
	"	mov $6, %edx\n"
	"	syscall\n"
	"	movabs $0x6e616c7078656e75, %rax\n"
	"	xor %edi, %edi\n"
	"	cmp %rax, 1f(%rip)\n"
	"	jne 0f\n"
	"	mov $7, %edi\n"
	"0:	mov $60, %eax\n"
	"	syscall\n"
	"restarter_blob_end:\n"
	"	.balign 16\n"
	"1:	.quad 0\n"
	".popsection\n");

/* ---- A capture of buffers -------------------------------------------------------------- */

struct memory {
	uint64_t start, length;
	unsigned char *bytes;
};

struct fake {
	struct capture capture;
	struct memory memory[8];
	size_t count;
	size_t reads_allowed; /* then EIO; 0: without end */
};

static int fake_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	struct fake *fake = (struct fake *)capture;

	for (size_t i = 0; i < fake->count; i++) {
		const struct memory *m = &fake->memory[i];

		if (address < m->start || address + length > m->start + m->length)
			continue;
		if (fake->reads_allowed && --fake->reads_allowed == 0)
			break;
		memcpy(buffer, m->bytes + (address - m->start), length);
		return 0;
	}
	errno = EIO;
	return -1;
}

/* The real one applies patches, which no image here has. */
__attribute__((weak)) int capture_read(struct capture *capture, uint64_t address, void *buffer,
				       size_t length)
{
	return capture->read(capture, address, buffer, length);
}

static void setup(struct fake *fake)
{
	struct image *image = image_new();

	image->machine = EM_X86_64;
	image->page_size = PAGE;
	*fake = (struct fake){ .capture = { .image = image, .read = fake_read } };
}

/* Adds memory, a region and its segment; returns the bytes, zero. */
static unsigned char *add(struct fake *fake, struct layout *layout, uint64_t source,
			  uint64_t address, uint64_t length, uint32_t prot, const char *name)
{
	struct memory *m = &fake->memory[fake->count++];
	struct range range = { source, source + length };

	*m = (struct memory){ source, length, xcalloc(1, length) };
	region_add_data(image_add_region(fake->capture.image, range, prot, 0, 0, name), range);
	xgrow(layout->segments, layout->segment_count, layout->segment_room);
	layout->segments[layout->segment_count++] = (struct segment){
		.range = { address, address + length },
		.source = source,
		.offset = layout->data_end,
		.prot = prot,
	};
	layout->data_end += length;
	return m->bytes;
}

static struct layout empty_layout(void)
{
	return (struct layout){ .low_start = STAGING, .restarter = RESTARTER,
				.data_offset = PAGE, .data_end = PAGE };
}

static void teardown(struct fake *fake, struct layout *layout)
{
	for (size_t i = 0; i < fake->count; i++)
		free(fake->memory[i].bytes);
	image_free(fake->capture.image);
	free(layout->segments);
	free(layout->ops);
}

/* ---- A report that is looked at -------------------------------------------------------- */

struct log {
	struct report report;
	size_t count;
	enum unexec_code last;
	int error;
	uint64_t start, end;
};

static void log_sink(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct log *log = context;

	log->count++;
	log->last = diagnostic->code;
	log->error = diagnostic->error;
	log->start = diagnostic->start;
	log->end = diagnostic->end;
}

static struct report *log_start(struct log *log)
{
	*log = (struct log){ .report = { .sink = log_sink, .context = log,
					 .stage = UNEXEC_STAGE_WRITE } };
	return &log->report;
}

/* ---- A file ---------------------------------------------------------------------------- */

static char path[] = "./writer_test.XXXXXX";

static int open_file(void)
{
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Runs the file: its output in `output`, its exit status returned. */
static int run_file(char *output, size_t room)
{
	FILE *stream = popen(path, "r");
	size_t n = fread(output, 1, room - 1, stream);

	output[n] = '\0';
	return WEXITSTATUS(pclose(stream));
}

/* A small process: one region in place with "hello", one to be staged, one executable. */
static void make_small(struct fake *fake, struct layout *layout)
{
	*layout = empty_layout();
	setup(fake);
	strcpy((char *)add(fake, layout, TEXT_AT, TEXT_AT, 4 * PAGE, PROT_READ | PROT_WRITE,
			   "[heap]"), "hello\n");
	add(fake, layout, TEXT_AT + 4 * PAGE, TEXT_AT + 4 * PAGE, PAGE, PROT_READ | PROT_WRITE,
	    "")[5] = 1;
	add(fake, layout, TEXT_AT + 5 * PAGE, TEXT_AT + 5 * PAGE, 2 * PAGE,
	    PROT_READ | PROT_EXEC, "/nowhere/libfoo.so.6")[PAGE + 3] = 0xc3;
	add(fake, layout, STAGED_FROM, STAGING, 3 * PAGE, PROT_READ | PROT_WRITE,
	    "[stack]")[2 * PAGE] = 9;
}

START_TEST(file_runs)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	char output[100];
	int fd = open_file();

	make_small(&fake, &layout);
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	fchmod(fd, 0700);
	close(fd);
	ck_assert_int_eq(run_file(output, sizeof(output)), 7);
	ck_assert_str_eq(output, "hello\n");
	ck_assert_uint_eq(log.count, 1); /* libfoo.so.6 is gone */
	ck_assert_int_eq(log.last, UNEXEC_CODE_SYMBOLS);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

/* All bytes of the segments are in the file where the headers say. */
static void compare_contents(Elf *elf, struct fake *fake, const struct layout *layout)
{
	size_t phdrs, size;
	const char *file = elf_rawfile(elf, &size);

	ck_assert_int_eq(elf_getphdrnum(elf, &phdrs), 0);
	for (size_t i = 0; i < layout->segment_count; i++) {
		const struct segment *s = &layout->segments[i];
		size_t found = 0;

		for (size_t j = 0; j < phdrs; j++) {
			GElf_Phdr p;

			gelf_getphdr(elf, (int)j, &p);
			if (p.p_type != PT_LOAD || s->range.start < p.p_vaddr
			    || s->range.end > p.p_vaddr + p.p_memsz)
				continue;
			ck_assert_uint_eq(p.p_filesz, p.p_memsz);
			ck_assert_uint_eq(p.p_offset % PAGE, p.p_vaddr % PAGE);
			ck_assert_uint_le(p.p_offset + p.p_filesz, size);
			ck_assert_mem_eq(file + p.p_offset + (s->range.start - p.p_vaddr),
					 fake->memory[i].bytes, fake->memory[i].length);
			found++;
		}
		ck_assert_uint_eq(found, 1);
	}
}

/* Sections with SHF_ALLOC cover each PT_LOAD, in order, without gap or overlap; others
 * have no bytes. */
static void compare_sections(Elf *elf)
{
	size_t phdrs;
	Elf_Scn *scn = NULL;

	elf_getphdrnum(elf, &phdrs);
	for (size_t i = 0; i < phdrs; i++) {
		uint64_t at;
		GElf_Phdr p;

		gelf_getphdr(elf, (int)i, &p);
		if (p.p_type != PT_LOAD)
			continue;
		for (at = p.p_vaddr; at < p.p_vaddr + p.p_memsz;) {
			GElf_Shdr s;

			scn = elf_nextscn(elf, scn);
			ck_assert_ptr_nonnull(gelf_getshdr(scn, &s));
			ck_assert_uint_ne(s.sh_type, SHT_NOBITS);
			ck_assert_uint_ne(s.sh_type, SHT_NOTE);
			ck_assert(s.sh_flags & SHF_ALLOC);
			ck_assert_int_eq(!!(s.sh_flags & SHF_WRITE), !!(p.p_flags & PF_W));
			ck_assert_int_eq(!!(s.sh_flags & SHF_EXECINSTR), !!(p.p_flags & PF_X));
			ck_assert_uint_eq(s.sh_addr, at);
			ck_assert_uint_eq(s.sh_offset, p.p_offset + (at - p.p_vaddr));
			at += s.sh_size;
		}
		ck_assert_uint_eq(at, p.p_vaddr + p.p_memsz);
	}
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr s;

		gelf_getshdr(scn, &s);
		ck_assert(!(s.sh_flags & SHF_ALLOC) || s.sh_type == SHT_NOBITS);
	}
}

static Elf_Scn *find_section(Elf *elf, const char *name, GElf_Shdr *ret_shdr)
{
	Elf_Scn *scn = NULL;
	size_t names;

	elf_getshdrstrndx(elf, &names);
	while ((scn = elf_nextscn(elf, scn))) {
		gelf_getshdr(scn, ret_shdr);
		if (strcmp(elf_strptr(elf, names, ret_shdr->sh_name), name) == 0)
			return scn;
	}
	return NULL;
}

START_TEST(file_holds_everything)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file();
	GElf_Shdr shdr;
	GElf_Ehdr ehdr;
	size_t phdrs;
	uint64_t end;
	Elf *elf;

	make_small(&fake, &layout);
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	compare_contents(elf, &fake, &layout);
	compare_sections(elf);
	gelf_getehdr(elf, &ehdr);
	ck_assert_uint_eq(ehdr.e_type, ET_EXEC);
	ck_assert_uint_eq(ehdr.e_machine, EM_X86_64);
	ck_assert_uint_eq(ehdr.e_entry, RESTARTER);
	elf_getphdrnum(elf, &phdrs);
	ck_assert_uint_eq(phdrs, 5); /* heap and anonymous memory are one, GNU_STACK */

	ck_assert_ptr_nonnull(find_section(elf, ".heap", &shdr));
	ck_assert_uint_eq(shdr.sh_addr, TEXT_AT);
	ck_assert_uint_eq(shdr.sh_size, 4 * PAGE);
	ck_assert_ptr_nonnull(find_section(elf, ".anon", &shdr));
	ck_assert_ptr_nonnull(find_section(elf, ".libfoo.so.6", &shdr));
	ck_assert_ptr_nonnull(find_section(elf, ".stack", &shdr));
	ck_assert_uint_eq(shdr.sh_addr, STAGING);
	ck_assert_ptr_nonnull(find_section(elf, ".unexec", &shdr));
	ck_assert_uint_eq(shdr.sh_addr, RESTARTER);
	end = shdr.sh_addr + shdr.sh_size;
	ck_assert_ptr_nonnull(find_section(elf, ".unexec.image", &shdr));
	ck_assert(shdr.sh_flags & SHF_ALLOC);
	ck_assert_uint_eq(shdr.sh_addr, end);
	elf_end(elf);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

/* The text in the file is that of image_print, with everything that the writer has found. */
START_TEST(file_holds_the_text)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file();
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	GElf_Shdr shdr;
	Elf_Data *data;
	Elf *elf;

	make_small(&fake, &layout);
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	image_print(fake.capture.image, stream);
	fclose(stream);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	data = elf_rawdata(find_section(elf, ".unexec.image", &shdr), NULL);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_eq(data->d_size, size);
	ck_assert_mem_eq(data->d_buf, text, size);
	elf_end(elf);
	close(fd);
	unlink(path);
	free(text);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(zero_pages_take_no_space)
{
	const uint64_t length = UINT64_C(64) << 20;
	struct layout layout = empty_layout();
	struct fake fake;
	struct log log;
	struct stat st;
	unsigned char *bytes;
	int fd = open_file();

	setup(&fake);
	bytes = add(&fake, &layout, TEXT_AT, TEXT_AT, length, PROT_READ | PROT_WRITE, "");
	bytes[10 * PAGE] = bytes[11 * PAGE + 4095] = bytes[length - 1] = 1;
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	ck_assert_uint_eq(log.count, 0);
	fsync(fd);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_gt((uint64_t)st.st_size, length);
	ck_assert_uint_lt((uint64_t)st.st_blocks * 512, 64 * PAGE);
	ck_assert_int_eq((int)lseek(fd, (off_t)(2 * PAGE), SEEK_DATA), (int)(11 * PAGE));
	ck_assert_int_eq((int)lseek(fd, (off_t)(11 * PAGE), SEEK_HOLE), (int)(13 * PAGE));
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

/* Memory of all sizes and patterns around the borders of chunks is written unchanged. */
START_TEST(borders_of_chunks)
{
	const uint64_t lengths[] = { PAGE, 127 * PAGE, 128 * PAGE, 129 * PAGE, 256 * PAGE,
				     300 * PAGE };
	struct layout layout = empty_layout();
	uint64_t address = TEXT_AT;
	struct fake fake;
	struct log log;
	int fd = open_file();
	Elf *elf;

	setup(&fake);
	srand(1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned char *bytes = add(&fake, &layout, address, address, lengths[i],
					   PROT_READ | PROT_WRITE, "");

		for (uint64_t at = 0; at < lengths[i]; at += PAGE)
			if (rand() & 1)
				bytes[at + (unsigned)rand() % PAGE] = 1;
		/* Neighbours in memory are apart in the file, and the other way round. */
		if (i & 1)
			address += PAGE;
		else
			layout.data_end += PAGE;
		address += lengths[i];
	}
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	compare_contents(elf, &fake, &layout);
	compare_sections(elf);
	elf_end(elf);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

/* ---- Locks ----------------------------------------------------------------------------- */

static void put_mutex(unsigned char *at, uint32_t tid)
{
	const uint32_t words[10] = { 1, 0, tid, 1, PTHREAD_MUTEX_ERRORCHECK };

	memcpy(at, words, sizeof(words));
}

/* Writes one region of 3 chunks and a page with mutexes at `places`; the image then has the
 * fixups. */
static void write_locks(struct fake *fake, struct layout *layout, struct log *log,
			const uint64_t *places, size_t count, uint32_t tid, uint32_t prot)
{
	const struct plan_thread thread = { 0 };
	unsigned char *bytes;
	int fd = open_file();

	*layout = empty_layout();
	setup(fake);
	image_add_thread(fake->capture.image, &thread, "first");
	image_add_thread(fake->capture.image, &thread, "second");
	free(fake->capture.image->thread_tids);
	fake->capture.image->thread_tids = xcalloc(2, sizeof(uint32_t));
	fake->capture.image->thread_tids[0] = 400000;
	fake->capture.image->thread_tids[1] = tid;
	bytes = add(fake, layout, TEXT_AT, TEXT_AT, 385 * PAGE, prot, "[heap]");
	for (size_t i = 0; i < count; i++)
		put_mutex(bytes + places[i], tid);
	ck_assert_int_eq(writer_write(fd, &fake->capture, layout, log_start(log)), 0);
	close(fd);
	unlink(path);
}

static const uint64_t lock_places[] = {
	0, PAGE - 8, 2 * PAGE - 16, 128 * PAGE - 16, 256 * PAGE - 8, 384 * PAGE - 32,
	385 * PAGE - 40,
};
#define PLACES (sizeof(lock_places) / sizeof(lock_places[0]))

START_TEST(locks_become_fixups)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	struct image *image;

	/* The TID is below and above the first thread's. */
	write_locks(&fake, &layout, &log, lock_places, PLACES, _i ? 500000 : 300000,
		    PROT_READ | PROT_WRITE);
	image = fake.capture.image;
	ck_assert_uint_eq(image->fixup_count, PLACES);
	for (size_t i = 0; i < PLACES; i++) {
		ck_assert_uint_eq(image->fixups[i].address, TEXT_AT + lock_places[i] + 8);
		ck_assert_uint_eq(image->fixups[i].kind, PLAN_FIXUP_TID);
		ck_assert_uint_eq(image->fixups[i].which, 1);
	}
	ck_assert_uint_eq(log.count, 0);
	teardown(&fake, &layout);
}
END_TEST

/* ---- Guards ----------------------------------------------------------------------------- */

#define GUARDS_CANARY UINT64_C(0x8877665544332200)

/* A region of 3 chunks and a page has the random bytes and a thread's canary and pointer guard.
 * A second region of any kind has another word of the canary's value, or none. */
START_TEST(canary_becomes_a_fixup)
{
	static const uint32_t prots[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };
	const struct plan_thread thread = { .thread_pointer = TEXT_AT + 0x100 };
	struct layout layout = empty_layout();
	struct fake fake;
	struct log log;
	struct image *image;
	uint64_t *words, *others;
	int fd = open_file();

	setup(&fake);
	image = fake.capture.image;
	image_add_thread(image, &thread, "");
	words = (uint64_t *)(void *)add(&fake, &layout, TEXT_AT, TEXT_AT, 385 * PAGE,
					PROT_READ | PROT_WRITE, "");
	others = (uint64_t *)(void *)add(&fake, &layout, TEXT_AT + 385 * PAGE,
					 TEXT_AT + 385 * PAGE, PAGE, prots[_i % 3], "");
	if (_i == 3)
		image->regions[1].flags |= REGION_SHARED;
	image_add_fixup(image, &(struct plan_fixup){ TEXT_AT, PLAN_FIXUP_RANDOM, 0 });
	words[0] = GUARDS_CANARY | 0x11;
	words[0x128 / 8] = GUARDS_CANARY;
	others[PAGE / 8 - 1] = _i < 4 ? GUARDS_CANARY : GUARDS_CANARY + 1;
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	ck_assert_uint_eq(log.count, _i < 4);
	ck_assert_uint_eq(image->fixup_count, _i < 4 ? 1 : 2);
	if (_i == 4) {
		ck_assert_uint_eq(image->fixups[1].address, TEXT_AT + 0x128);
		ck_assert_uint_eq(image->fixups[1].kind, PLAN_FIXUP_CANARY);
		ck_assert_uint_eq(image->fixups[1].which, 0);
	}
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(constant_memory_has_no_locks)
{
	struct fake fake;
	struct layout layout;
	struct log log;

	write_locks(&fake, &layout, &log, lock_places, PLACES, 300000, PROT_READ);
	ck_assert_uint_eq(fake.capture.image->fixup_count, 0);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(common_numbers_are_only_named)
{
	struct fake fake;
	struct layout layout;
	struct log log;

	write_locks(&fake, &layout, &log, lock_places + 3, 1, 2, PROT_READ | PROT_WRITE);
	ck_assert_uint_eq(fake.capture.image->fixup_count, 0);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_MUTEX);
	ck_assert_uint_eq(log.start, TEXT_AT + lock_places[3]);
	ck_assert_uint_eq(log.end, TEXT_AT + lock_places[3] + 40);
	teardown(&fake, &layout);
}
END_TEST

/* ---- Plan ------------------------------------------------------------------------------ */

static const void *plan_at(const struct plan *plan, struct plan_table table)
{
	ck_assert_uint_eq(table.offset % 8, 0);
	return (const char *)plan + table.offset;
}

static void check_header(const struct plan *plan, size_t size)
{
	ck_assert_uint_eq(plan->magic, PLAN_MAGIC);
	ck_assert_uint_eq(plan->version, PLAN_VERSION);
	ck_assert_uint_eq(plan->machine, EM_X86_64);
	ck_assert_uint_eq(plan->size, size);
	ck_assert_uint_eq(plan->page_size, PAGE);
	ck_assert_uint_eq(plan->low_start, STAGING);
	ck_assert_uint_eq(plan->scratch, RESTARTER + OWN_PAGES * PAGE);
	ck_assert_uint_eq(plan->scratch_end, RESTARTER + OWN_PAGES * PAGE + PLAN_SCRATCH_SIZE);
	ck_assert_uint_eq(plan->parking, plan->scratch_end + PLAN_STRINGS_ROOM);
	ck_assert_uint_eq(plan->stack_floor, 0xf000);
	ck_assert_uint_eq(plan->boot, 0xb007);
	ck_assert_uint_eq(plan->mm.brk, 0xbbbb);
}

static void check_tables(const struct plan *plan)
{
	const struct plan_op *ops = plan_at(plan, plan->ops);
	const struct plan_thread *threads = plan_at(plan, plan->threads);
	const struct plan_signal *signals = plan_at(plan, plan->signals);
	const struct plan_file *files = plan_at(plan, plan->files);
	const struct plan_fixup *fixups = plan_at(plan, plan->fixups);
	const struct plan_slot *slots = plan_at(plan, plan->slots);
	const char *strings = plan_at(plan, plan->strings);

	ck_assert_uint_eq(plan->ops.count, 2);
	ck_assert_uint_eq(ops[0].source, 99);
	ck_assert_str_eq(strings + ops[1].source, "/some/file");
	ck_assert_uint_eq(threads->frame, 0x1234);
	ck_assert_uint_eq(signals->number, 10);
	ck_assert_str_eq(strings + files->path, "/other/file");
	ck_assert_uint_eq(files->offset, 77);
	ck_assert_uint_eq(fixups->address, 0x777);
	ck_assert_str_eq(strings + slots[1].name, "time");
	ck_assert_uint_le(plan->strings.offset + plan->strings.count, plan->size);
	ck_assert_int_eq(strings[plan->strings.count - 1], '\0');
}

START_TEST(plan_has_all_tables)
{
	const struct plan_thread thread = { .frame = 0x1234 };
	const struct plan_signal signal = { .number = 10 };
	const struct plan_fixup fixup = { .address = 0x777 };
	const struct plan_op ops[] = { { .kind = PLAN_ANON, .source = 99 },
				       { .kind = PLAN_FILE, .source = 0, .offset = 5 } };
	struct layout layout = empty_layout();
	struct fake fake;
	struct image *image;
	struct log log;
	struct plan *plan;
	size_t size;

	setup(&fake);
	image = fake.capture.image;
	image->boot = 0xb007;
	image->mm.brk = 0xbbbb;
	image_add_region(image, (struct range){ PAGE, 2 * PAGE }, PROT_READ,
			 REGION_SHARED | REGION_REOPEN, 0, "/some/file");
	image_add_thread(image, &thread, "");
	image_add_signal(image, &signal);
	image_add_file(image, &(struct plan_file){ .number = 3, .flags = 2, .offset = 77 },
		       "/other/file", NULL);
	image_add_slot(image, 0x5000, "clock_gettime");
	image_add_slot(image, 0x5008, "time");
	image_add_fixup(image, &fixup);
	layout.stack_floor = 0xf000;
	layout.ops = xmemdup(ops, sizeof(ops));
	layout.op_count = 2;
	plan = plan_build(image, &layout, 0, &size, log_start(&log));
	ck_assert_ptr_nonnull(plan);
	check_header(plan, size);
	check_tables(plan);
	free(plan);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(plan_that_has_no_room)
{
	struct layout layout = empty_layout();
	struct fake fake;
	struct log log;
	size_t size = 12;

	setup(&fake);
	layout.op_count = (256 << 20) / sizeof(struct plan_op);
	layout.ops = xcalloc(layout.op_count, sizeof(struct plan_op));
	ck_assert_ptr_null(plan_build(fake.capture.image, &layout, 0, &size, log_start(&log)));
	ck_assert_int_eq(log.last, UNEXEC_CODE_NO_ROOM);
	ck_assert_uint_eq(size, 12);
	layout.op_count = 0;
	ck_assert_ptr_null(plan_build(fake.capture.image, &layout, 256 << 20, &size,
				      log_start(&log)));
	ck_assert_int_eq(log.last, UNEXEC_CODE_NO_ROOM);
	teardown(&fake, &layout);
}
END_TEST

/* The restarter's scratch memory follows its whole segment, not only the plan. */
START_TEST(scratch_is_behind_the_segment)
{
	struct layout layout = empty_layout();
	struct fake fake;
	struct log log;
	struct plan *plan;
	size_t size;

	setup(&fake);
	plan = plan_build(fake.capture.image, &layout, 2 * PAGE, &size, log_start(&log));
	ck_assert_ptr_nonnull(plan);
	ck_assert_uint_eq(plan->scratch, RESTARTER + (OWN_PAGES + 2) * PAGE);
	free(plan);
	teardown(&fake, &layout);
}
END_TEST

/* ---- This very process ----------------------------------------------------------------- */

static int self_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	static int fd = -1;

	(void)capture;
	if (fd < 0)
		fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	return pread(fd, buffer, length, (off_t)address) == (ssize_t)length ? 0 : -1;
}

/* Captures this process: mappings of files, the heap and anonymous memory between them, all in
 * place except the stack. */
static void capture_self(struct fake *fake, struct layout *layout)
{
	char line[4096], mode[5], name[4096], program[4096];
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long start, end, offset;

	*layout = empty_layout();
	layout->data_offset = layout->data_end = 16 * PAGE;
	setup(fake);
	fake->capture.read = self_read;
	program[readlink("/proc/self/exe", program, sizeof(program) - 1)] = '\0';
	free(fake->capture.image->program);
	fake->capture.image->program = xstrdup(program);
	while (fgets(line, sizeof(line), maps)) {
		uint32_t prot;
		struct range range;

		name[0] = '\0';
		ck_assert_int_ge(sscanf(line, "%llx-%llx %4s %llx %*s %*s %[^\n]", &start,
					&end, mode, &offset, name), 4);
		range = (struct range){ start, end };
		prot = (mode[0] == 'r' ? PROT_READ : 0) | (mode[1] == 'w' ? PROT_WRITE : 0)
		       | (mode[2] == 'x' ? PROT_EXEC : 0);
		if (!prot || strncmp(name, "[v", 2) == 0 || end - start > UINT64_C(1) << 32)
			continue;
		region_add_data(image_add_region(fake->capture.image, range, prot, 0, offset,
						 name), range);
		xgrow(layout->segments, layout->segment_count, layout->segment_room);
		layout->segments[layout->segment_count++] = (struct segment){
			.range = range, .source = start, .offset = layout->data_end,
			.prot = prot,
		};
		layout->data_end += end - start;
	}
	fclose(maps);
}

static int in_bss[4096];
static int in_data[4096] = { 1 };

/* Something of a known name and size. */
__attribute__((noinline, used)) static int known_function(int x)
{
	return x * 41 + in_bss[x & 7] + in_data[x & 7];
}

/* The symbol that tools show for the address: its last. */
static const struct elf_symbol *find_symbol(const struct elf_symbols *symbols, const void *address)
{
	for (size_t i = symbols->count; i-- > 0;)
		if (symbols->list[i].value == (uintptr_t)address)
			return &symbols->list[i];
	return NULL;
}

START_TEST(symbols_of_this_process)
{
	struct fake fake;
	struct layout layout;
	struct elf_symbols symbols;
	struct log log;
	const struct elf_symbol *symbol;

	capture_self(&fake, &layout);
	elf_symbols_collect(&symbols, &fake.capture, log_start(&log));
	ck_assert_uint_eq(log.count, 0);
	symbol = find_symbol(&symbols, (void *)known_function);
	ck_assert_ptr_nonnull(symbol);
	ck_assert_str_eq(symbol->name, "known_function");
	ck_assert_uint_gt(symbol->size, 0);
	ck_assert_uint_eq(symbol->info, ELF64_ST_INFO(STB_LOCAL, STT_FUNC));
	symbol = find_symbol(&symbols, in_bss);
	ck_assert_str_eq(symbol->name, "in_bss");
	ck_assert_uint_eq(symbol->size, sizeof(in_bss));
	ck_assert_uint_eq(symbol->info, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT));
	symbol = find_symbol(&symbols, dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
	ck_assert_str_eq(symbol->name, "gnu_get_libc_version");
	ck_assert_int_eq(ELF64_ST_TYPE(symbol->info), STT_FUNC);
	for (size_t i = 1; i < symbols.count; i++) {
		ck_assert_uint_le(symbols.list[i - 1].value, symbols.list[i].value);
		for (size_t j = i; j-- > 0 && symbols.list[j].value == symbols.list[i].value;)
			ck_assert_str_ne(symbols.list[j].name, symbols.list[i].name);
	}
	/* The program's copy of libc's; the linker calls it stdout@GLIBC_2.2.5. */
	symbol = find_symbol(&symbols, &stdout);
	ck_assert_str_eq(symbol->name, "stdout");
	for (size_t i = 0; i < symbols.count; i++) {
		const char *at = strchr(symbols.list[i].name, '@');

		ck_assert_msg(!at || strcmp(at, "@plt") == 0, "%s", symbols.list[i].name);
	}
	elf_symbols_free(&symbols);
	teardown(&fake, &layout);
}
END_TEST

/* All names of an address are there. The name that people know is the last and the only one
 * that is not weak. */
START_TEST(symbols_of_one_address)
{
	const void *function = dlsym(RTLD_DEFAULT, "write");
	const struct elf_symbol *symbol;
	struct fake fake;
	struct layout layout;
	struct elf_symbols symbols;
	struct log log;
	size_t found = 0;

	capture_self(&fake, &layout);
	elf_symbols_collect(&symbols, &fake.capture, log_start(&log));
	symbol = find_symbol(&symbols, function);
	ck_assert_str_eq(symbol->name, "write");
	ck_assert_uint_eq(symbol->info, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC));
	for (; symbol[-found].value == symbol->value; found++)
		if (found)
			ck_assert_int_ne(ELF64_ST_BIND(symbol[-found].info), STB_GLOBAL);
	ck_assert_uint_ge(found, 2);
	ck_assert_ptr_eq(dlsym(RTLD_DEFAULT, "__write"), function);
	ck_assert_str_eq(symbol[-1].name, "__write");
	elf_symbols_free(&symbols);
	teardown(&fake, &layout);
}
END_TEST

static int zero_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	(void)capture;
	(void)address;
	memset(buffer, 0, length);
	return 0;
}

/* A file is ignored if the build ID in memory differs: its symbols would be wrong. */
START_TEST(symbols_of_replaced_files)
{
	struct fake fake;
	struct layout layout;
	struct elf_symbols symbols;
	struct log log;

	capture_self(&fake, &layout);
	fake.capture.read = zero_read;
	elf_symbols_collect(&symbols, &fake.capture, log_start(&log));
	ck_assert_uint_gt(log.count, 1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_SYMBOLS);
	ck_assert_ptr_null(find_symbol(&symbols, dlsym(RTLD_DEFAULT, "gnu_get_libc_version")));
	elf_symbols_free(&symbols);
	teardown(&fake, &layout);
}
END_TEST

/* The same for sections. */
START_TEST(sections_of_replaced_program)
{
	struct fake fake;
	struct layout layout;
	struct sections sections;

	capture_self(&fake, &layout);
	fake.capture.read = zero_read;
	sections_collect(&sections, &fake.capture, &layout);
	ck_assert_uint_gt(sections.count, 10);
	for (size_t i = 0; i < sections.count; i++)
		ck_assert_str_ne(sections.list[i].name, ".text");
	sections_free(&sections);
	teardown(&fake, &layout);
}
END_TEST

/* The program's load address follows from any of its regions. */
START_TEST(bias_from_each_region)
{
	struct elf_file file;
	struct fake fake;
	struct layout layout;
	struct image *image;
	uint64_t bias, function = (uintptr_t)known_function;
	size_t regions = 0;

	capture_self(&fake, &layout);
	image = fake.capture.image;
	ck_assert_int_eq(elf_file_open(&file, &fake.capture, image->program),
			 ELF_FILE_OPEN);
	bias = file.bias;
	ck_assert_uint_eq(bias % PAGE, 0);
	ck_assert_uint_lt(bias, function);
	elf_file_close(&file);
	for (size_t i = 0; i < image->region_count; i++) {
		if (strcmp(image->regions[i].name, image->program) != 0)
			continue;
		/* The remaining regions may begin in the middle of a segment. */
		if (elf_file_open(&file, &fake.capture, image->program)
		    == ELF_FILE_OPEN) {
			ck_assert_uint_eq(file.bias, bias);
			elf_file_close(&file);
			regions++;
		}
		image->regions[i].name[0] = '\0';
	}
	ck_assert_uint_ge(regions, 2);
	ck_assert_int_eq(elf_file_open(&file, &fake.capture, image->program),
			 ELF_FILE_FOREIGN);
	ck_assert_int_eq(elf_file_open(&file, &fake.capture, "/nowhere"), ELF_FILE_GONE);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(elf_file_open(&file, &fake.capture, "/etc/passwd"),
			 ELF_FILE_FOREIGN);
	teardown(&fake, &layout);
}
END_TEST

/* Is the range in sections of that name only? */
static void expect_section(const struct sections *sections, const void *start, size_t size,
			   const char *name)
{
	uint64_t at = (uintptr_t)start;

	for (size_t i = 0; i < sections->count && size > 0; i++) {
		const struct section *s = &sections->list[i];
		uint64_t part;

		if (at < s->address || at >= s->address + s->size)
			continue;
		ck_assert_str_eq(s->name, name);
		part = s->address + s->size - at;
		part = part < size ? part : size;
		at += part;
		size -= part;
	}
	ck_assert_uint_eq(size, 0);
}

START_TEST(sections_of_this_process)
{
	struct fake fake;
	struct layout layout;
	struct sections sections;
	uint64_t covered = 0, size = 0;

	capture_self(&fake, &layout);
	sections_collect(&sections, &fake.capture, &layout);
	expect_section(&sections, (void *)known_function, 4, ".text");
	expect_section(&sections, in_data, sizeof(in_data), ".data");
	expect_section(&sections, in_bss, sizeof(in_bss), ".bss");
	expect_section(&sections, dlsym(RTLD_DEFAULT, "gnu_get_libc_version"), 4,
		       ".libc.so.6");
	expect_section(&sections, &fake, sizeof(fake), ".stack");
	for (size_t i = 0; i < sections.count; i++) {
		covered += sections.list[i].size;
		ck_assert(i == 0 || sections.list[i - 1].address + sections.list[i - 1].size
				    <= sections.list[i].address);
	}
	for (size_t i = 0; i < layout.segment_count; i++)
		size += range_length(layout.segments[i].range);
	ck_assert_uint_eq(covered, size);
	sections_free(&sections);
	teardown(&fake, &layout);
}
END_TEST

static const struct section *find_name(const struct sections *sections, const char *name)
{
	for (size_t i = 0; i < sections->count; i++)
		if (strcmp(sections->list[i].name, name) == 0)
			return &sections->list[i];
	return NULL;
}

/* Sections that tools read as tables have their type and link. */
START_TEST(types_of_sections)
{
	const struct section *dynsym, *dynamic;
	struct fake fake;
	struct layout layout;
	struct sections sections;

	capture_self(&fake, &layout);
	sections_collect(&sections, &fake.capture, &layout);
	dynsym = find_name(&sections, ".dynsym");
	ck_assert_ptr_nonnull(dynsym);
	ck_assert_uint_eq(dynsym->type, SHT_DYNSYM);
	ck_assert_uint_eq(dynsym->info, 1);
	ck_assert_uint_eq(dynsym->item_size, sizeof(Elf64_Sym));
	ck_assert_uint_eq(dynsym->link, find_name(&sections, ".dynstr")->address);
	dynamic = find_name(&sections, ".dynamic");
	ck_assert_ptr_nonnull(dynamic);
	ck_assert_uint_eq(dynamic->type, SHT_DYNAMIC);
	ck_assert_uint_eq(dynamic->address, (uintptr_t)_DYNAMIC);
	ck_assert_uint_eq(find_name(&sections, ".rela.dyn")->link, dynsym->address);
	ck_assert_uint_eq(find_name(&sections, ".bss")->type, SHT_PROGBITS);
	ck_assert_uint_eq(find_name(&sections, ".note.ABI-tag")->type, SHT_PROGBITS);
	ck_assert_ptr_nonnull(find_name(&sections, ".interp"));
	ck_assert_ptr_null(find_name(&sections, ".gnu.version"));
	ck_assert_ptr_null(find_name(&sections, ".note.gnu.build-id"));
	sections_free(&sections);
	teardown(&fake, &layout);
}
END_TEST

/* A table that is cut in two has no table's type. */
START_TEST(types_of_cut_sections)
{
	struct fake fake;
	struct layout layout;
	struct sections sections;
	const struct section *found;
	uint64_t middle;
	size_t i;

	capture_self(&fake, &layout);
	sections_collect(&sections, &fake.capture, &layout);
	found = find_name(&sections, ".dynsym");
	middle = found->address + sizeof(Elf64_Sym);
	sections_free(&sections);
	for (i = 0; layout.segments[i].range.end <= middle; i++)
		;
	xgrow(layout.segments, layout.segment_count, layout.segment_room);
	memmove(&layout.segments[i + 1], &layout.segments[i],
		(layout.segment_count++ - i) * sizeof(*layout.segments));
	layout.segments[i].range.end = middle;
	layout.segments[i + 1].offset += middle - layout.segments[i].range.start;
	layout.segments[i + 1].range.start = layout.segments[i + 1].source = middle;
	sections_collect(&sections, &fake.capture, &layout);
	ck_assert_ptr_null(find_name(&sections, ".dynsym"));
	ck_assert_ptr_nonnull(find_name(&sections, ".dynstr"));
	sections_free(&sections);
	teardown(&fake, &layout);
}
END_TEST

static int by_start(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

/* Moves libc's segments to where they would be staged. */
static void stage_libc(struct fake *fake, struct layout *layout)
{
	const struct image *image = fake->capture.image;
	uint64_t at = STAGING;

	for (size_t i = 0; i < layout->segment_count; i++) {
		struct segment *segment = &layout->segments[i];
		uint64_t length = range_length(segment->range);
		const struct region *region = image_find(image, segment->source);

		if (!strstr(region->name, "/libc.so"))
			continue;
		segment->range = (struct range){ at, at + length };
		at += length;
	}
	qsort(layout->segments, layout->segment_count, sizeof(*layout->segments), by_start);
}

/* Symbols of staged libraries are in sections without bytes: debuggers find nothing there before
 * the libraries are in place. */
START_TEST(sections_of_staged_libraries)
{
	const void *function = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	const struct section *section;
	struct fake fake;
	struct layout layout;
	struct sections sections;
	size_t empty = 0;

	capture_self(&fake, &layout);
	stage_libc(&fake, &layout);
	sections_collect(&sections, &fake.capture, &layout);
	expect_section(&sections, function, 4, ".libc.so.6");
	ck_assert_ptr_null(find_name(&sections, ".dynamic"));
	ck_assert_ptr_null(find_name(&sections, ".interp"));
	ck_assert_ptr_nonnull(find_name(&sections, ".dynsym"));
	for (size_t i = 0; i < sections.count; i++) {
		section = &sections.list[i];
		ck_assert(i == 0 || section[-1].address <= section->address);
		if (section->type != SHT_NOBITS)
			continue;
		ck_assert_str_eq(section->name, ".libc.so.6");
		if ((uintptr_t)function - section->address < section->size)
			ck_assert_uint_eq(section->prot, PROT_READ | PROT_EXEC);
		empty++;
	}
	ck_assert_uint_ge(empty, 3);
	sections_free(&sections);
	teardown(&fake, &layout);
}
END_TEST

#define MANY 70000

/* Regions of two files alternate, side by side in memory and in the file. All bytes of their
 * PT_LOADs are in sections. */
static void setup_many(struct fake *fake, struct layout *layout, uint64_t shift)
{
	setup(fake);
	*layout = empty_layout();
	for (uint64_t i = 0; i < MANY; i++) {
		struct range range = { TEXT_AT + i * PAGE, TEXT_AT + (i + 1) * PAGE };

		image_add_region(fake->capture.image, range, PROT_READ, 0, 0,
				 i % 2 ? "/lib/one" : "/lib/two");
		xgrow(layout->segments, layout->segment_count, layout->segment_room);
		layout->segments[layout->segment_count++] = (struct segment){
			.range = { range.start + shift, range.end + shift },
			.source = range.start,
			.offset = PAGE + i * PAGE,
			.prot = PROT_READ,
		};
	}
}

static void expect_few(const struct sections *sections, uint64_t start)
{
	uint64_t at = start;

	/* Sections of the restarter and of the symbols are added later. */
	ck_assert_uint_lt(sections->count, SHN_LORESERVE - 100);
	for (size_t i = 0; i < sections->count; i++) {
		if (sections->list[i].type == SHT_NOBITS)
			continue;
		ck_assert_uint_eq(sections->list[i].address, at);
		at += sections->list[i].size;
	}
	ck_assert_uint_eq(at, start + MANY * PAGE);
}

START_TEST(more_regions_than_sections)
{
	static const uint64_t shifts[] = { 0, STAGING - TEXT_AT };
	struct fake fake;
	struct layout layout;
	struct sections sections;

	for (size_t i = 0; i < 2; i++) {
		setup_many(&fake, &layout, shifts[i]);
		sections_collect(&sections, &fake.capture, &layout);
		expect_few(&sections, TEXT_AT + shifts[i]);
		ck_assert_ptr_nonnull(find_name(&sections, ".one"));
		sections_free(&sections);
		teardown(&fake, &layout);
	}
}
END_TEST

/* Each symbol in the file names the section that holds it; locals come first. */
START_TEST(symbols_name_their_section)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file();
	GElf_Shdr shdr;
	Elf_Data *data;
	size_t absolute = 0, count;
	Elf *elf;

	capture_self(&fake, &layout);
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	ck_assert_uint_eq(log.count, 0);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	data = elf_getdata(find_section(elf, ".symtab", &shdr), NULL);
	count = data->d_size / shdr.sh_entsize;
	ck_assert_uint_gt(count, 100);
	for (size_t i = 1; i < count; i++) {
		GElf_Shdr in;
		GElf_Sym sym;

		gelf_getsym(data, (int)i, &sym);
		ck_assert_int_eq(GELF_ST_BIND(sym.st_info) == STB_LOCAL, i < shdr.sh_info);
		absolute += sym.st_shndx == SHN_ABS;
		if (sym.st_shndx == SHN_ABS)
			continue;
		ck_assert_ptr_nonnull(gelf_getshdr(elf_getscn(elf, sym.st_shndx), &in));
		ck_assert_uint_ge(sym.st_value, in.sh_addr);
		ck_assert_uint_lt(sym.st_value, in.sh_addr + in.sh_size);
	}
	ck_assert_uint_lt(absolute, count / 100 + 1);
	elf_end(elf);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

/* ---- To a pipe ------------------------------------------------------------------------- */

/* Locks at all borders, gaps in the file, read-only memory, and pages of zeros. */
static void make_various(struct fake *fake, struct layout *layout)
{
	const struct plan_thread thread = { 0 };
	unsigned char *bytes;

	make_small(fake, layout);
	fake->capture.image->regions[2].name[0] = '\0'; /* no warning about it */
	image_add_thread(fake->capture.image, &thread, "only");
	free(fake->capture.image->thread_tids);
	fake->capture.image->thread_tids = xcalloc(1, sizeof(uint32_t));
	fake->capture.image->thread_tids[0] = 4711;
	layout->data_end += 3 * PAGE;
	bytes = add(fake, layout, STAGED_FROM + 16 * PAGE, STAGING + 16 * PAGE, 385 * PAGE,
		    PROT_READ | PROT_WRITE, "");
	for (size_t i = 0; i < sizeof(lock_places) / sizeof(lock_places[0]); i++)
		put_mutex(bytes + lock_places[i], 4711);
	bytes = add(fake, layout, STAGED_FROM + 512 * PAGE, STAGING + 512 * PAGE, 2 * PAGE,
		    PROT_READ, "");
	put_mutex(bytes, 4711);
	layout->data_end += PAGE;
}

/* A process that reads the pipe to the end and puts that into the file. */
static pid_t start_reader(int from, int other, int to)
{
	pid_t pid = fork();
	char bytes[10000];
	ssize_t n;

	if (pid != 0)
		return pid;
	close(other);
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			_exit(1);
	_exit(n < 0);
}

static void *whole_file(int fd, size_t *ret_size)
{
	struct stat st;
	void *bytes;

	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes = xmalloc((size_t)st.st_size);
	ck_assert_int_eq(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
	*ret_size = (size_t)st.st_size;
	return bytes;
}

/* Sends what make_various made through a pipe into the file. */
static void send_to_file(int to, int flags, uint64_t *ret_size)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int ends[2], status;
	pid_t reader;

	make_various(&fake, &layout);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	fcntl(ends[1], F_SETFL, flags);
	reader = start_reader(ends[0], ends[1], to);
	ck_assert_int_eq(writer_send(ends[1], &fake.capture, &layout, log_start(&log), ret_size),
			 0);
	ck_assert_uint_eq(log.count, 0);
	close(ends[1]);
	close(ends[0]);
	ck_assert_int_eq(waitpid(reader, &status, 0), reader);
	ck_assert_int_eq(status, 0);
	teardown(&fake, &layout);
}

/* A pipe gets the bytes that a file gets, also if it is non-blocking. */
START_TEST(sent_is_what_is_written)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file(), sent = memfd_create("sent", MFD_CLOEXEC);
	size_t size, sent_size;
	uint64_t told;
	char *bytes, *sent_bytes;

	make_various(&fake, &layout);
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), 0);
	ck_assert_uint_gt(fake.capture.image->fixup_count, 5);
	bytes = whole_file(fd, &size);
	send_to_file(sent, _i ? O_NONBLOCK : 0, &told);
	sent_bytes = whole_file(sent, &sent_size);
	ck_assert_uint_eq(told, size);
	ck_assert_uint_eq(sent_size, size);
	ck_assert_mem_eq(sent_bytes, bytes, size);
	free(bytes);
	free(sent_bytes);
	close(sent);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

struct steps {
	struct report report; /* first: its context is this */
	char names[200];
	uint64_t last, all;
};

static void note_step(void *context, const char *what, uint64_t done, uint64_t all)
{
	struct steps *steps = context;

	if (!strstr(steps->names, what)) {
		ck_assert_uint_eq(steps->last, steps->all);
		strcat(steps->names, what);
		steps->last = 0;
		steps->all = all;
	}
	ck_assert_uint_eq(all, steps->all);
	ck_assert_uint_gt(done, steps->last);
	ck_assert_uint_le(done, all);
	steps->last = done;
}

/* Each pass reports 0 first and its total last. */
START_TEST(progress_is_told)
{
	struct steps steps = { .report = { .progress = note_step, .context = &steps } };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC), file = open_file();
	struct fake fake;
	struct layout layout;
	uint64_t size, writable = (4 + 1 + 3 + 385) * PAGE, all = writable + (2 + 2) * PAGE;

	make_various(&fake, &layout);
	ck_assert_int_eq(writer_write(file, &fake.capture, &layout, &steps.report), 0);
	ck_assert_str_eq(steps.names, "writing");
	ck_assert_uint_eq(steps.last, all);
	ck_assert_uint_eq(steps.all, all);
	steps.names[0] = '\0';
	ck_assert_int_eq(writer_send(fd, &fake.capture, &layout, &steps.report, &size), 0);
	ck_assert_str_eq(steps.names, "scanning memorysending");
	ck_assert_uint_eq(steps.last, all);
	steps.names[0] = '\0';
	ck_assert_int_eq(stream_scan(&fake.capture, &layout, &steps.report), 0);
	ck_assert_uint_eq(steps.last, writable);
	close(fd);
	close(file);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

static void expect_send_fails(int fd, int error)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	uint64_t size;

	make_various(&fake, &layout);
	ck_assert_int_eq(writer_send(fd, &fake.capture, &layout, log_start(&log), &size), -1);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_WRITE);
	ck_assert_int_eq(log.error, error);
	teardown(&fake, &layout);
}

START_TEST(sending_fails)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), ends[2];

	expect_send_fails(full, ENOSPC);
	close(full);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	expect_send_fails(ends[1], EPIPE);
	close(ends[1]);
}
END_TEST

/* ---- Failures -------------------------------------------------------------------------- */

START_TEST(unreadable_memory)
{
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file();

	make_small(&fake, &layout);
	fake.reads_allowed = 2;
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), -1);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_READ);
	ck_assert_uint_eq(log.start, TEXT_AT + 4 * PAGE);
	ck_assert_uint_eq(log.end, TEXT_AT + 5 * PAGE);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(device_without_room)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(io_write_at(fd, "x", 1, 0), -1);
	ck_assert_int_eq(errno, ENOSPC);
	close(fd);
}
END_TEST

/* A file that stops growing gives one error, wherever it stops. */
START_TEST(full_disk)
{
	const uint64_t room[] = { 0, PAGE, 5 * PAGE, 9 * PAGE, 11 * PAGE, 11 * PAGE + 64 };
	const struct rlimit limit = { room[_i], RLIM_INFINITY };
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct fake fake;
	struct layout layout;
	struct log log;
	int fd = open_file(), r;

	make_small(&fake, &layout);
	fake.capture.image->regions[2].name[0] = '\0'; /* no warning about it */
	log_start(&log);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	r = writer_write(fd, &fake.capture, &layout, &log.report);
	setrlimit(RLIMIT_FSIZE, &unlimited);
	ck_assert_int_eq(r, -1);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_WRITE);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

START_TEST(too_many_segments)
{
	struct layout layout = empty_layout();
	struct fake fake;
	struct log log;
	int fd = open_file();

	setup(&fake);
	for (uint64_t i = 0; i < 2; i++)
		add(&fake, &layout, TEXT_AT + i * 2 * PAGE, TEXT_AT + i * 2 * PAGE, PAGE,
		    PROT_READ, "");
	layout.data_offset = 64 + 3 * 56;
	ck_assert_int_eq(writer_write(fd, &fake.capture, &layout, log_start(&log)), -1);
	ck_assert_int_eq(log.last, UNEXEC_CODE_SEGMENTS);
	close(fd);
	unlink(path);
	teardown(&fake, &layout);
}
END_TEST

static void add_tests(TCase *tests)
{
	elf_version(EV_CURRENT);
	tcase_add_test(tests, file_runs);
	tcase_add_test(tests, file_holds_everything);
	tcase_add_test(tests, file_holds_the_text);
	tcase_add_test(tests, zero_pages_take_no_space);
	tcase_add_test(tests, borders_of_chunks);
	tcase_add_loop_test(tests, locks_become_fixups, 0, 2);
	tcase_add_test(tests, constant_memory_has_no_locks);
	tcase_add_loop_test(tests, canary_becomes_a_fixup, 0, 5);
	tcase_add_test(tests, common_numbers_are_only_named);
	tcase_add_test(tests, plan_has_all_tables);
	tcase_add_test(tests, plan_that_has_no_room);
	tcase_add_test(tests, scratch_is_behind_the_segment);
	tcase_add_test(tests, symbols_of_this_process);
	tcase_add_test(tests, symbols_of_one_address);
	tcase_add_test(tests, symbols_of_replaced_files);
	tcase_add_test(tests, sections_of_replaced_program);
	tcase_add_test(tests, bias_from_each_region);
	tcase_add_test(tests, sections_of_this_process);
	tcase_add_test(tests, types_of_sections);
	tcase_add_test(tests, types_of_cut_sections);
	tcase_add_test(tests, sections_of_staged_libraries);
	tcase_add_test(tests, more_regions_than_sections);
	tcase_add_test(tests, symbols_name_their_section);
	tcase_add_loop_test(tests, sent_is_what_is_written, 0, 2);
	tcase_add_test(tests, progress_is_told);
	tcase_add_test(tests, sending_fails);
	tcase_add_test(tests, unreadable_memory);
	tcase_add_test(tests, device_without_room);
	tcase_add_loop_test(tests, full_disk, 0, 6);
	tcase_add_test(tests, too_many_segments);
}

int main(void)
{
	return unit_run("writer", add_tests);
}
