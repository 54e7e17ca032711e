/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a layout as an ELF executable. The bytes of the segments do not pass through
 * libelf: stream.c writes them. Their sections have no Elf_Data here, and elf_update leaves
 * the file as it is where such a section lies.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "elf/flags.h"
#include "elf/symbols.h"
#include "embedded/embedded.h"
#include "writer/elf_writer.h"
#include "writer/plan_writer.h"
#include "writer/sections.h"
#include "writer/stream.h"

#include "dumpfile/dump_text.h"
#include "base/xalloc.h"

#define PHDR_OFFSET UINT64_C(64)
_Static_assert(sizeof(Elf64_Ehdr) == PHDR_OFFSET, "the program headers follow the ELF header");

#define RESTARTER_SECTION ".unexec"

/* A string table that grows. The first byte is NUL. */
struct strings {
	char *bytes;
	size_t size, room;
};

struct writer {
	int fd;
	const struct image *image;
	const struct layout *layout;
	struct report *report;
	Elf *elf;
	Elf64_Phdr *loads; /* PT_LOADs, then PT_GNU_STACK */
	size_t phdr_count;

	struct sections sections; /* with those of the restarter's segment */
	struct symbols symbols;
	struct strings section_names, symbol_names;
	unsigned char *restarter; /* code and plan */
	uint64_t restarter_size;
	char *text; /* the image's, behind them in their segment */
	size_t text_size;
	struct sums sums;
	size_t sums_bytes_size; /* as they are stored, behind the text */
	Elf64_Sym *symtab;
	uint64_t end; /* of what has a place in the file so far */
};

static size_t strings_add(struct strings *strings, const char *string)
{
	size_t start, size = strlen(string) + 1;

	if (strings->size == 0)
		strings->size = 1;
	start = strings->size;
	if (start + size > strings->room) {
		strings->room = 2 * (start + size);
		strings->bytes = xrealloc(strings->bytes, strings->room);
		strings->bytes[0] = '\0';
	}
	memcpy(strings->bytes + start, string, size);
	strings->size = start + size;
	return start;
}

/* The same for a table with few different strings: each is in it once. */
static size_t strings_add_once(struct strings *strings, const char *string)
{
	for (size_t i = 1; i < strings->size; i += strlen(strings->bytes + i) + 1)
		if (strcmp(strings->bytes + i, string) == 0)
			return i;
	return strings_add(strings, string);
}

static int fail_libelf(struct writer *w)
{
	report_add(w->report, UNEXEC_ERROR, UNEXEC_CODE_WRITE, errno, 0, 0,
		   "writing the ELF headers: %s", elf_errmsg(-1));
	return -1;
}

/* ---- Program headers -------------------------------------------------------------------- */

/* Adds a PT_LOAD, or makes the last one longer if that goes on in memory and in the file. */
static void add_load(struct writer *w, struct range range, uint64_t offset, uint32_t prot)
{
	Elf64_Phdr *last = w->phdr_count ? &w->loads[w->phdr_count - 1] : NULL;

	if (last && last->p_vaddr + last->p_memsz == range.start
	    && last->p_offset + last->p_filesz == offset
	    && last->p_flags == elf_flags_of(prot)) {
		last->p_memsz += range_length(range);
		last->p_filesz = last->p_memsz;
		return;
	}
	w->loads[w->phdr_count++] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = elf_flags_of(prot),
		.p_offset = offset,
		.p_vaddr = range.start,
		.p_paddr = range.start,
		.p_filesz = range_length(range),
		.p_memsz = range_length(range),
		.p_align = w->image->page_size,
	};
}

static struct range restarter_range(const struct writer *w)
{
	uint64_t start = w->layout->restarter;

	return (struct range){ start, start + w->restarter_size };
}

static struct range text_range(const struct writer *w)
{
	uint64_t start = restarter_range(w).end;

	return (struct range){ start, start + w->text_size };
}

static struct range sums_range(const struct writer *w)
{
	uint64_t start = text_range(w).end;

	return (struct range){ start, start + w->sums_bytes_size };
}

/* All of the restarter's segment. */
static struct range own_range(const struct writer *w)
{
	return (struct range){ w->layout->restarter, sums_range(w).end };
}

/* Needs the restarter's size only, which decides nothing about how many there are. */
static void make_phdrs(struct writer *w)
{
	const struct layout *layout = w->layout;
	size_t i = 0;

	w->phdr_count = 0;
	for (; i < layout->segment_count
	       && layout->segments[i].range.start < layout->restarter; i++)
		add_load(w, layout->segments[i].range, layout->segments[i].offset,
			 layout->segments[i].prot);
	add_load(w, own_range(w), layout->data_end, PROT_READ | PROT_EXEC);
	for (; i < layout->segment_count; i++)
		add_load(w, layout->segments[i].range, layout->segments[i].offset,
			 layout->segments[i].prot);
	w->loads[w->phdr_count++] = (Elf64_Phdr){
		.p_type = PT_GNU_STACK,
		.p_flags = PF_R | PF_W,
		.p_align = 16,
	};
}

static int check_phdrs(struct writer *w)
{
	uint64_t end;

	w->loads = xcalloc(w->layout->segment_count + 2, sizeof(*w->loads));
	make_phdrs(w);
	end = PHDR_OFFSET + w->phdr_count * sizeof(*w->loads);
	if (end <= w->layout->data_offset)
		return 0;
	report_error(w->report, SEGMENTS, "no room for %zu program headers", w->phdr_count);
	return -1;
}

/* ---- Contents --------------------------------------------------------------------------- */

/* Those of memory, then of what is in the restarter's segment. */
static void list_sums(struct writer *w, struct capture *capture)
{
	stream_list(capture, w->layout, &w->sums);
	for (uint64_t what = SUM_CODE; what <= SUM_TEXT; what++)
		sums_add(&w->sums, &(struct sum){
			.source = what,
			.prot = PROT_READ | PROT_EXEC,
		});
	w->sums_bytes_size = sums_size(&w->sums);
}

/* Its place is behind the one before. */
static void sum_own(struct writer *w, uint64_t what, const void *bytes, size_t length)
{
	struct sum *sum = &w->sums.list[w->sums.count - 1 - SUM_TEXT + what];

	sum->address = what == SUM_CODE ? w->layout->restarter : sum[-1].address + sum[-1].length;
	sum->length = (uint32_t)length;
	sum->value = sums_value(bytes, length);
}

static int build_restarter(struct writer *w)
{
	size_t code = (size_t)(restarter_blob_end - restarter_blob_start), plan_size;
	uint64_t plan_start = align_up(code, ELF_PLAN_ALIGN);
	struct plan *plan = plan_build(w->image, w->layout, w->text_size + w->sums_bytes_size,
				       &plan_size, w->report);

	if (!plan)
		return -1;
	w->restarter_size = plan_start + plan_size;
	w->restarter = xcalloc(1, w->restarter_size);
	memcpy(w->restarter, restarter_blob_start, code);
	memcpy(w->restarter + plan_start, plan, plan_size);
	free(plan);
	sum_own(w, SUM_CODE, w->restarter, plan_start);
	sum_own(w, SUM_PLAN, w->restarter + plan_start, plan_size);
	return 0;
}

static int build_text(struct writer *w)
{
	FILE *stream = open_memstream(&w->text, &w->text_size);

	if (!stream) {
		report_errno(w->report, MEMORY, "the text of the image");
		return -1;
	}
	image_print(w->image, stream);
	if (fclose(stream) == 0)
		return 0;
	report_errno(w->report, MEMORY, "the text of the image");
	return -1;
}

/* The ELF index of the section that the symbol is in: sections and symbols are both sorted,
 * *cursor walks along. */
static Elf64_Half section_of(const struct writer *w, uint64_t value, size_t *cursor)
{
	while (*cursor < w->sections.count
	       && w->sections.list[*cursor].address + w->sections.list[*cursor].size <= value)
		(*cursor)++;
	if (*cursor < w->sections.count && w->sections.list[*cursor].address <= value)
		return (Elf64_Half)(*cursor + 1);
	return SHN_ABS;
}

/* Appends the symbols that are local or those that are not, as ELF wants them in order. */
static size_t append_symbols(struct writer *w, size_t at, bool local)
{
	size_t cursor = 0;

	for (size_t i = 0; i < w->symbols.count; i++) {
		const struct symbol *symbol = &w->symbols.list[i];

		if ((ELF64_ST_BIND(symbol->info) == STB_LOCAL) != local)
			continue;
		w->symtab[at++] = (Elf64_Sym){
			.st_name = (Elf64_Word)strings_add(&w->symbol_names, symbol->name),
			.st_info = symbol->info,
			.st_shndx = section_of(w, symbol->value, &cursor),
			.st_value = symbol->value,
			.st_size = symbol->size,
		};
	}
	return at;
}

/* Returns the index of the first symbol that is not local. */
static Elf64_Word build_symtab(struct writer *w)
{
	size_t locals;

	w->symtab = xcalloc(w->symbols.count + 1, sizeof(*w->symtab));
	strings_add_once(&w->symbol_names, "");
	locals = append_symbols(w, 1, true);
	append_symbols(w, locals, false);
	return (Elf64_Word)locals;
}

/* ---- Sections --------------------------------------------------------------------------- */

/* The largest that address and size do not contradict, up to that of a vector. */
static Elf64_Xword address_alignment(uint64_t address)
{
	uint64_t lowest = address & -address;

	return lowest && lowest < 64 ? lowest : 64;
}

/* The ELF index of the section that begins at the address, 0 for none. */
static Elf64_Word find_index(const struct writer *w, uint64_t address)
{
	for (size_t i = 0; address && i < w->sections.count; i++)
		if (w->sections.list[i].address == address)
			return (Elf64_Word)(i + 1);
	return 0;
}

/* NULL on error. Without memory for the header, elfutils' elf_newscn gives a section that lacks
 * it and must not be touched (0.188); only the error tells. */
static Elf_Scn *new_section(struct writer *w)
{
	Elf_Scn *scn;

	elf_errno(); /* forgets those before */
	scn = elf_newscn(w->elf);
	return elf_errmsg(0) ? NULL : scn;
}

/* A section of a segment, whose bytes are in the file already, or one without any. */
static int add_mapped_section(struct writer *w, const struct section *section)
{
	Elf_Scn *scn = new_section(w);
	Elf64_Shdr *shdr = scn ? elf64_getshdr(scn) : NULL;

	if (!shdr)
		return fail_libelf(w);
	shdr->sh_name = (Elf64_Word)strings_add_once(&w->section_names, section->name);
	shdr->sh_type = section->type;
	shdr->sh_flags = SHF_ALLOC | (section->prot & PROT_WRITE ? SHF_WRITE : 0)
			 | (section->prot & PROT_EXEC ? SHF_EXECINSTR : 0);
	shdr->sh_addr = section->address;
	shdr->sh_offset = section->offset;
	shdr->sh_size = section->size;
	shdr->sh_link = find_index(w, section->link);
	shdr->sh_info = section->info;
	shdr->sh_entsize = section->item_size;
	shdr->sh_addralign = address_alignment(section->address);
	return 0;
}

/* A section behind the segments, with `bytes` that live until elf_update. NULL on error. */
static Elf64_Shdr *add_section(struct writer *w, const char *name, Elf64_Word type,
			       const void *bytes, size_t size, uint64_t alignment)
{
	Elf_Scn *scn = new_section(w);
	Elf64_Shdr *shdr = scn ? elf64_getshdr(scn) : NULL;
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;

	if (!shdr || !data) {
		fail_libelf(w);
		return NULL;
	}
	data->d_buf = (void *)bytes;
	data->d_size = size;
	data->d_align = alignment;
	data->d_type = type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
	w->end = align_up(w->end, alignment);
	shdr->sh_name = (Elf64_Word)strings_add_once(&w->section_names, name);
	shdr->sh_type = type;
	shdr->sh_offset = w->end;
	shdr->sh_size = size;
	shdr->sh_addralign = alignment;
	w->end += size;
	return shdr;
}

static int add_symtab(struct writer *w, Elf64_Word first_global)
{
	Elf64_Shdr *shdr = add_section(w, ".symtab", SHT_SYMTAB, w->symtab,
				       (w->symbols.count + 1) * sizeof(*w->symtab), 8);

	if (!shdr)
		return -1;
	shdr->sh_entsize = sizeof(*w->symtab);
	shdr->sh_info = first_global;
	shdr->sh_link = (Elf64_Word)(w->sections.count + 2); /* .strtab, the next section */
	shdr = add_section(w, ".strtab", SHT_STRTAB, w->symbol_names.bytes,
			   w->symbol_names.size, 1);
	return shdr ? 0 : -1;
}

static void insert_section(struct writer *w, const char *name, struct range range,
			   uint64_t offset)
{
	sections_insert(&w->sections, &(struct section){
		.name = (char *)name,
		.address = range.start,
		.offset = offset,
		.size = range_length(range),
		.prot = PROT_READ | PROT_EXEC,
		.type = SHT_PROGBITS,
	});
}

static int add_mapped_sections(struct writer *w)
{
	uint64_t offset = w->layout->data_end;

	insert_section(w, RESTARTER_SECTION, restarter_range(w), offset);
	/* Only what is mapped do all tools keep that remove sections. */
	insert_section(w, DUMP_TEXT_SECTION, text_range(w), offset + w->restarter_size);
	insert_section(w, SUMS_SECTION, sums_range(w),
		       offset + w->restarter_size + w->text_size);
	for (size_t i = 0; i < w->sections.count; i++)
		if (add_mapped_section(w, &w->sections.list[i]) < 0)
			return -1;
	return 0;
}

static int add_sections(struct writer *w)
{
	Elf64_Word first_global;

	if (add_mapped_sections(w) < 0)
		return -1;
	w->end = w->layout->data_end + range_length(own_range(w));
	first_global = build_symtab(w);
	if (add_symtab(w, first_global) < 0)
		return -1;
	/* Its own name must be in it before it is added. */
	strings_add_once(&w->section_names, ".shstrtab");
	return add_section(w, ".shstrtab", SHT_STRTAB, w->section_names.bytes,
			   w->section_names.size, 1) ? 0 : -1;
}

/* ---- The file --------------------------------------------------------------------------- */

static int set_headers(struct writer *w)
{
	Elf64_Ehdr *ehdr = elf64_newehdr(w->elf);
	Elf64_Phdr *phdrs = ehdr ? elf64_newphdr(w->elf, w->phdr_count) : NULL;

	if (!phdrs)
		return fail_libelf(w);
	memcpy(phdrs, w->loads, w->phdr_count * sizeof(*phdrs));
	ehdr->e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
									   : ELFDATA2MSB;
	ehdr->e_type = ET_EXEC;
	ehdr->e_machine = (Elf64_Half)w->image->machine;
	ehdr->e_version = EV_CURRENT;
	ehdr->e_entry = w->layout->restarter;
	ehdr->e_phoff = PHDR_OFFSET;
	return 0;
}

static int update(struct writer *w)
{
	Elf64_Ehdr *ehdr;
	size_t sections = w->sections.count + 3; /* the null section, and the last is names' */

	/* sections_collect sees to it that the number is less than SHN_LORESERVE. */
	ehdr = elf64_getehdr(w->elf);
	if (!ehdr)
		return fail_libelf(w);
	ehdr->e_shstrndx = (Elf64_Half)sections;
	ehdr->e_shoff = align_up(w->end, 8);
	elf_flagelf(w->elf, ELF_C_SET, ELF_F_LAYOUT);
	if (elf_update(w->elf, ELF_C_WRITE) < 0)
		return fail_libelf(w);
	return 0;
}

static int write_headers(struct writer *w)
{
	int r = -1;

	elf_version(EV_CURRENT);
	w->elf = elf_begin(w->fd, ELF_C_WRITE, NULL);
	if (!w->elf)
		return fail_libelf(w);
	if (set_headers(w) == 0 && add_sections(w) == 0)
		r = update(w);
	elf_end(w->elf);
	return r;
}

static int write_restarter(struct writer *w)
{
	uint64_t offset = w->layout->data_end;

	if (io_write_at(w->fd, w->restarter, w->restarter_size, offset) == 0
	    && io_write_at(w->fd, w->text, w->text_size, offset + w->restarter_size) == 0)
		return 0;
	report_errno(w->report, WRITE, "writing the restarter");
	return -1;
}

static int write_sums(struct writer *w)
{
	uint64_t offset = w->layout->data_end + w->restarter_size + w->text_size;
	void *bytes = sums_store(&w->sums);
	int r = io_write_at(w->fd, bytes, w->sums_bytes_size, offset);

	if (r < 0)
		report_errno(w->report, WRITE, "writing the checksums");
	free(bytes);
	return r;
}

static void writer_free(struct writer *w)
{
	sections_free(&w->sections);
	symbols_free(&w->symbols);
	free(w->section_names.bytes);
	free(w->symbol_names.bytes);
	free(w->restarter);
	free(w->symtab);
	free(w->text);
	sums_free(&w->sums);
	free(w->loads);
}

/* All but the bytes of the segments. Only now are the locks known that the plan mends. */
static int write_around(struct writer *w, struct capture *capture)
{
	if (build_text(w) < 0 || build_restarter(w) < 0)
		return -1;
	sum_own(w, SUM_TEXT, w->text, w->text_size);
	make_phdrs(w);
	sections_collect(&w->sections, capture, w->layout);
	symbols_collect(&w->symbols, capture, w->report);
	return write_headers(w) < 0 || write_restarter(w) < 0 ? -1 : 0;
}

int elf_write(int fd, struct capture *capture, const struct layout *layout,
	      struct report *report)
{
	struct writer writer = {
		.fd = fd,
		.image = capture->image,
		.layout = layout,
		.report = report,
	};
	int r = -1;

	list_sums(&writer, capture);
	if (check_phdrs(&writer) == 0
	    && stream_segments(fd, capture, layout, &writer.sums, report) == 0
	    && write_around(&writer, capture) == 0)
		r = write_sums(&writer);
	writer_free(&writer);
	return r;
}

/* ---- To a pipe -------------------------------------------------------------------------- */

/* Sends the bytes from `start` to `end` of the file that has all but the segments. */
static int send_part(const struct writer *w, int to, uint64_t start, uint64_t end)
{
	char bytes[4096];

	while (start < end) {
		size_t part = end - start < sizeof(bytes) ? end - start : sizeof(bytes);

		if (io_read_at(w->fd, bytes, part, start) < 0 || io_send(to, bytes, part) < 0) {
			report_errno(w->report, WRITE, "sending the dump");
			return -1;
		}
		start += part;
	}
	return 0;
}

/* w->fd is a file in memory, with a hole where the segments belong. */
static int send_all(struct writer *w, int to, struct capture *capture, uint64_t *ret_size)
{
	const struct layout *layout = w->layout;
	struct stat status;

	if (stream_scan(capture, layout, w->report) < 0 || write_around(w, capture) < 0)
		return -1;
	/* Sections lie behind the checksums, so that their place is in the file already. */
	if (fstat(w->fd, &status) < 0) {
		report_errno(w->report, WRITE, "sending the dump");
		return -1;
	}
	*ret_size = (uint64_t)status.st_size;
	return send_part(w, to, 0, layout->data_offset) < 0
	       || stream_send(to, capture, layout, &w->sums, w->report) < 0
	       || write_sums(w) < 0
	       || send_part(w, to, layout->data_end, *ret_size) < 0 ? -1 : 0;
}

int elf_send(int fd, struct capture *capture, const struct layout *layout,
	     struct report *report, uint64_t *ret_size)
{
	struct writer writer = {
		.fd = memfd_create("dump", MFD_CLOEXEC),
		.image = capture->image,
		.layout = layout,
		.report = report,
	};
	int r = -1;

	list_sums(&writer, capture);
	if (writer.fd < 0)
		report_errno(report, WRITE, "a file in memory");
	else if (check_phdrs(&writer) == 0)
		r = send_all(&writer, fd, capture, ret_size);
	writer_free(&writer);
	if (writer.fd >= 0)
		close(writer.fd);
	return r;
}
