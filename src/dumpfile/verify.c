/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Compares a dump with its own checksums.
 *
 *   .unexec.sums  lists the pieces that are mapped at start: address, protection, checksum
 *   PT_LOADs      must map exactly these pieces
 *   the bytes     must have these checksums
 *
 * No size or offset in the file is used before it is compared with the file's size. PT_LOADs may
 * not overlap in the file, so reading all of them never reads more than the file.
 */
#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "dumpfile/verify.h"

#include "arch_machine.h"
#include "dumpfile/dump_text.h"
#include "dumpfile/sums.h"
#include "elf/flags.h"
#include "base/words.h"
#include "base/xalloc.h"

/* The checksums' own section, which has no checksum. */
#define SUM_SUMS (SUM_TEXT + 1)

struct check {
	int fd;
	uint64_t file_size;
	struct verified *verified;
	struct report *report;
	bool failed;

	GElf_Ehdr header;
	GElf_Phdr *loads; /* sorted by address */
	size_t load_count;
	struct sums sums;  /* sorted by address */
	uint64_t text_value; /* of the section that was read as the text */
	uint64_t done, all;

	struct range damaged; /* found and not yet reported; in the process */
	const struct region *damaged_region;
};

#define complain(check, ...) \
	((check)->failed = true, report_error((check)->report, FORMAT, __VA_ARGS__))

/* ---- Names ------------------------------------------------------------------------------ */

/* Returns a region's name without bytes that control a terminal; the caller frees it. */
static char *printable(const char *name)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return xstrdup("?");
	words_print(stream, name);
	fclose(stream);
	return text;
}

/* Returns a name for the memory or the part of the dump; the caller frees it. */
static char *name_of_sum(const struct check *check, const struct sum *sum)
{
	static const char *const own[] = {
		[SUM_CODE] = "the restarter",
		[SUM_PLAN] = "the restarter's plan",
		[SUM_TEXT] = "the image's text",
		[SUM_SUMS] = "the checksums",
	};
	const struct region *region = NULL;

	if (sum->source <= SUM_SUMS)
		return xstrdup(own[sum->source] ? own[sum->source] : "?");
	if (check->verified->image)
		region = image_find(check->verified->image, sum->source);
	if (!region)
		return xstrdup("memory");
	return region->name[0] ? printable(region->name) : xstrdup("anonymous memory");
}

/* ---- Headers ---------------------------------------------------------------------------- */

static int loads_by_offset(const void *a, const void *b)
{
	const GElf_Phdr *x = a, *y = b;

	return x->p_offset < y->p_offset ? -1 : x->p_offset > y->p_offset;
}

static int loads_by_address(const void *a, const void *b)
{
	const GElf_Phdr *x = a, *y = b;

	return x->p_vaddr < y->p_vaddr ? -1 : x->p_vaddr > y->p_vaddr;
}

/* Returns whether each PT_LOAD has its own part of the file and of memory. */
static bool are_apart(struct check *check)
{
	GElf_Phdr *loads = check->loads;

	qsort(loads, check->load_count, sizeof(*loads), loads_by_offset);
	for (size_t i = 1; i < check->load_count; i++)
		if (loads[i].p_offset - loads[i - 1].p_offset < loads[i - 1].p_filesz)
			return false;
	qsort(loads, check->load_count, sizeof(*loads), loads_by_address);
	for (size_t i = 1; i < check->load_count; i++)
		if (loads[i].p_vaddr - loads[i - 1].p_vaddr < loads[i - 1].p_filesz)
			return false;
	return true;
}

/* Adds a PT_LOAD. Returns -1 if unexec cannot have written it. */
static int take_load(struct check *check, const GElf_Phdr *phdr)
{
	if (phdr->p_offset > check->file_size
	    || phdr->p_filesz > check->file_size - phdr->p_offset) {
		complain(check, "truncated: the segment at 0x%" PRIx64
				" extends beyond the end of the file", phdr->p_vaddr);
		return -1;
	}
	if (phdr->p_filesz == 0 || phdr->p_filesz != phdr->p_memsz
	    || phdr->p_vaddr + phdr->p_memsz < phdr->p_vaddr) {
		complain(check, "damaged: the program header for 0x%" PRIx64, phdr->p_vaddr);
		return -1;
	}
	check->loads[check->load_count++] = *phdr;
	return 0;
}

static int read_phdrs(struct check *check, Elf *elf)
{
	size_t count, stacks = 0;
	GElf_Phdr phdr;

	if (elf_getphdrnum(elf, &count) != 0 || !gelf_getphdr(elf, 0, &phdr)) {
		complain(check, "damaged: it has no program headers");
		return -1;
	}
	check->loads = xcalloc(count, sizeof(*check->loads));
	for (size_t i = 0; i < count && gelf_getphdr(elf, (int)i, &phdr); i++) {
		if (phdr.p_type == PT_LOAD) {
			if (take_load(check, &phdr) < 0)
				return -1;
			continue;
		}
		if (phdr.p_type != PT_GNU_STACK || phdr.p_flags != (PF_R | PF_W))
			complain(check, "damaged: program header %zu", i);
		else
			stacks++;
	}
	if (stacks != 1)
		complain(check, "damaged: the program header for the stack");
	if (check->load_count == 0 || !are_apart(check)) {
		complain(check, "damaged: the program headers contradict each other");
		return -1;
	}
	check->verified->lowest = check->loads[0].p_vaddr;
	return 0;
}

static int read_header(struct check *check, Elf *elf)
{
	GElf_Ehdr *header = &check->header;

	if (elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ARCH_ELF_CLASS
	    || !gelf_getehdr(elf, header)) {
		complain(check, "not an ELF file of 64 bits");
		return -1;
	}
	if (header->e_shoff > check->file_size
	    || header->e_shnum * (uint64_t)header->e_shentsize
		       > check->file_size - header->e_shoff) {
		complain(check, "truncated: the section headers extend beyond the end of the file");
		return -1;
	}
	return 0;
}

/* Checks the fields that the kernel reads, except those on which the rest of the file
 * depends. */
static void check_elf_header(struct check *check, Elf *elf)
{
	const GElf_Ehdr *header = &check->header;
	const struct image *image = check->verified->image;
	uint64_t page = image ? image->page_size : ARCH_PAGE_MIN;

	if (header->e_type != ET_EXEC
	    || header->e_phentsize != gelf_fsize(elf, ELF_T_PHDR, 1, EV_CURRENT)
	    || header->e_version != EV_CURRENT || (image && header->e_machine != image->machine))
		complain(check, "damaged: the ELF header");
	for (size_t i = 0; i < check->load_count; i++)
		if ((check->loads[i].p_vaddr - check->loads[i].p_offset) & (page - 1))
			complain(check, "damaged: the program header for 0x%" PRIx64,
				 check->loads[i].p_vaddr);
}

/* ---- The sections that are about the dump ----------------------------------------------- */

static int sums_by_address(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* The last checksums are those of the restarter's segment, in the order of SUM_…. */
static bool are_own_there(const struct sums *sums)
{
	for (size_t what = SUM_CODE; what <= SUM_TEXT; what++)
		if (sums->count < SUM_TEXT
		    || sums->list[sums->count - 1 - SUM_TEXT + what].source != what)
			return false;
	return true;
}

/* Adds the section with the checksums to the pieces that must be mapped, without a value. */
static void add_sums_themselves(struct check *check, size_t length)
{
	const struct sum *text = &check->sums.list[check->sums.count - 1];
	struct sum sum = {
		.address = text->address + text->length,
		.source = SUM_SUMS,
		.length = (uint32_t)length,
		.prot = text->prot,
	};

	sums_add(&check->sums, &sum);
}

static int read_sums(struct check *check, Elf *elf)
{
	size_t length;
	void *bytes = dump_section_read(elf, SUMS_SECTION, &length);
	int r;

	if (!bytes) {
		complain(check, "not a dump, or damaged: it has no section " SUMS_SECTION);
		return -1;
	}
	r = sums_parse(bytes, length, &check->sums);
	free(bytes);
	if (r < 0 || !are_own_there(&check->sums)) {
		complain(check, "damaged: the checksums");
		return -1;
	}
	/* The kernel starts at the first byte of the code. */
	if (check->header.e_entry != check->sums.list[check->sums.count - SUM_TEXT].address)
		complain(check, "damaged: the ELF header's entry point");
	add_sums_themselves(check, length);
	qsort(check->sums.list, check->sums.count, sizeof(*check->sums.list), sums_by_address);
	for (size_t i = 0; i < check->sums.count; i++)
		check->all += check->sums.list[i].length;
	return 0;
}

/* Messages use the names in the text even if it is damaged, as long as it can be read. */
static void read_text(struct check *check, Elf *elf)
{
	struct report silent = { 0 };
	size_t length;
	char *text = dump_text_read(elf, &length);

	if (!text) {
		complain(check, "damaged: it has no section " DUMP_TEXT_SECTION);
		return;
	}
	check->text_value = sums_value(text, length);
	check->verified->image = image_parse(text, length, &silent);
	if (!check->verified->image)
		complain(check, "damaged: the image's text cannot be read");
	free(text);
}

/* ---- Contents --------------------------------------------------------------------------- */

static void report_damage(struct check *check)
{
	struct range range = check->damaged;
	const struct sum at = { .source = range.start };
	char *name;

	if (range.start == range.end)
		return;
	name = name_of_sum(check, &at);
	complain(check, "damaged: 0x%" PRIx64 "-0x%" PRIx64 " of %s", range.start, range.end,
		 name);
	free(name);
	check->damaged = (struct range){ 0, 0 };
}

/* Reports consecutive pieces in a region as one. */
static void add_damage(struct check *check, const struct sum *sum)
{
	const struct image *image = check->verified->image;
	const struct region *region = image ? image_find(image, sum->source) : NULL;

	if (check->damaged.end != sum->source || check->damaged_region != region)
		report_damage(check);
	if (check->damaged.start == check->damaged.end)
		check->damaged.start = sum->source;
	check->damaged.end = sum->source + sum->length;
	check->damaged_region = region;
}

static void check_piece(struct check *check, const struct sum *sum, uint64_t offset)
{
	uint64_t value;
	char *name;

	if (sum->source == SUM_SUMS)
		return;
	if (sums_file_value(check->fd, offset, sum->length, &value) < 0) {
		check->failed = true;
		report_errno(check->report, READ, "cannot be read at 0x%" PRIx64, offset);
		return;
	}
	if (value == sum->value && (sum->source != SUM_TEXT || value == check->text_value))
		return;
	if (sum->source > SUM_SUMS) {
		add_damage(check, sum);
		return;
	}
	name = name_of_sum(check, sum);
	complain(check, "damaged: %s", name);
	free(name);
}

/* Checks the piece if `load` maps it. */
static bool check_mapped_piece(struct check *check, const struct sum *sum, const GElf_Phdr *load)
{
	uint64_t skip = sum->address - load->p_vaddr;

	if (sum->address < load->p_vaddr || skip > load->p_filesz
	    || sum->length > load->p_filesz - skip || load->p_flags != elf_flags_of(sum->prot))
		return false;
	if (sum->source == SUM_PLAN || sum->source == SUM_SUMS)
		*(sum->source == SUM_PLAN ? &check->verified->plan : &check->verified->sums) =
			(struct range){ load->p_offset + skip,
					load->p_offset + skip + sum->length };
	if (sum->source == SUM_PLAN)
		check->verified->plan_address = sum->address;
	check_piece(check, sum, load->p_offset + skip);
	check->done += sum->length;
	report_progress(check->report, "reading", check->done, check->all);
	return true;
}

/* Pieces and PT_LOADs are sorted: the pieces must fill the PT_LOADs from end to end. */
static void check_pieces(struct check *check)
{
	const GElf_Phdr *load = check->loads, *end = load + check->load_count;
	uint64_t at = load->p_vaddr;

	for (size_t i = 0; i < check->sums.count; i++) {
		const struct sum *sum = &check->sums.list[i];
		char *name;

		if (load < end && at == load->p_vaddr + load->p_filesz && ++load < end)
			at = load->p_vaddr;
		if (load < end && sum->address == at && check_mapped_piece(check, sum, load)) {
			at += sum->length;
			continue;
		}
		report_damage(check);
		name = name_of_sum(check, sum);
		complain(check, "damaged: the program headers do not map 0x%" PRIx64 "-0x%"
				PRIx64 " of %s as recorded",
			 sum->address, sum->address + sum->length, name);
		free(name);
		return;
	}
	report_damage(check);
	if (load + 1 < end || (load < end && at != load->p_vaddr + load->p_filesz))
		complain(check, "damaged: the program headers map more than was recorded");
}

/* ---- All of it -------------------------------------------------------------------------- */

static void check_elf(struct check *check, Elf *elf)
{
	if (read_header(check, elf) < 0 || read_sums(check, elf) < 0)
		return;
	read_text(check, elf);
	if (read_phdrs(check, elf) < 0)
		return;
	check_elf_header(check, elf);
	check_pieces(check);
}

int verify_whole(int fd, struct verified *ret_verified, struct report *report)
{
	struct check check = { .fd = fd, .verified = ret_verified, .report = report };
	struct stat status;
	Elf *elf;

	*ret_verified = (struct verified){ 0 };
	if (fstat(fd, &status) < 0) {
		report_errno(report, READ, "cannot be read");
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		report_error(report, FORMAT, "not a regular file");
		return -1;
	}
	check.file_size = (uint64_t)status.st_size;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf)
		check_elf(&check, elf);
	else
		complain(&check, "not an ELF file");
	elf_end(elf);
	free(check.loads);
	sums_free(&check.sums);
	return check.failed ? -1 : 0;
}

void verified_free(struct verified *verified)
{
	image_free(verified->image);
	verified->image = NULL;
}
