/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbols of a process: those of all ELF files it has mapped, at their run-time
 * addresses, so that a debugger or profiler finds names in a dump without knowing what it
 * once was.
 */
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0" /* bfd.h insists on it */
#endif
#include <bfd.h>
#include <errno.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "elf/elf_writer.h"

#include "image/xalloc.h"

/* One file that is read. */
struct source {
	struct symbols *symbols;
	bfd *bfd;
	struct mapped_file *file;
};

static void ignore_bfd_message(const char *format, va_list arguments)
{
	(void)format;
	(void)arguments;
}

static unsigned char info_of(const asymbol *symbol)
{
	unsigned type = symbol->flags & BSF_OBJECT ? STT_OBJECT : STT_FUNC;
	unsigned bind = symbol->flags & (BSF_GLOBAL | BSF_GNU_UNIQUE) ? STB_GLOBAL
			: symbol->flags & BSF_WEAK		      ? STB_WEAK
									: STB_LOCAL;

	return ELF64_ST_INFO(bind, type);
}

/* Names that linkers make in each file, for parts that ELF gives a meaning. A dump is not
 * linked and would have many of each. */
static bool is_linkers(const char *name)
{
	return strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0 || strcmp(name, "_DYNAMIC") == 0;
}

/* Functions and data that have a place in memory which is the same for all threads. */
static bool is_wanted(const asymbol *symbol)
{
	const flagword wanted = BSF_FUNCTION | BSF_OBJECT | BSF_GNU_INDIRECT_FUNCTION;
	const flagword unwanted = BSF_THREAD_LOCAL | BSF_SECTION_SYM | BSF_FILE
				  | BSF_DEBUGGING;

	return symbol->flags & wanted && !(symbol->flags & unwanted)
	       && symbol->section->flags & SEC_ALLOC && symbol->name[0]
	       && !is_linkers(symbol->name);
}

/* Without the version, which the linker writes into names of .symtab ("stdout@GLIBC_2.2.5")
 * and some releases of libbfd add to those of .dynsym. In a dump's own table, entries of the
 * procedure linkage table have names, too. */
static char *name_of(const asymbol *symbol)
{
	const char *at = strchr(symbol->name, '@');

	if (!at || at == symbol->name || strcmp(at, "@plt") == 0)
		return xstrdup(symbol->name);
	return xasprintf("%.*s", (int)(at - symbol->name), symbol->name);
}

/* libbfd's interface has no sizes, but its symbols are those of the ELF table in the same
 * order, without the null symbol that is the first there. */
static uint64_t size_of(Elf_Data *table, size_t index, uint64_t value)
{
	const Elf64_Sym *symbols = table ? table->d_buf : NULL;

	if (!symbols || index + 1 >= table->d_size / sizeof(*symbols)
	    || symbols[index + 1].st_value != value)
		return 0;
	return symbols[index + 1].st_size;
}

/* libelf's view of the symbol table of that type, or NULL. */
static Elf_Data *find_table(Elf *elf, Elf64_Word type)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		const Elf64_Shdr *shdr = elf64_getshdr(scn);

		if (shdr && shdr->sh_type == type)
			return elf_getdata(scn, NULL);
	}
	return NULL;
}

static void add(struct source *source, const asymbol *symbol, char *name, uint64_t size)
{
	struct symbols *symbols = source->symbols;

	xgrow(symbols->list, symbols->count, symbols->room);
	symbols->list[symbols->count++] = (struct symbol){
		.name = name,
		.value = bfd_asymbol_value(symbol) + source->file->bias,
		.size = size,
		.info = info_of(symbol),
	};
}

static void add_table(struct source *source, asymbol **table, long count, Elf64_Word type)
{
	Elf_Data *elf_table = find_table(source->file->elf, type);

	for (long i = 0; i < count; i++) {
		const asymbol *symbol = table[i];

		if (is_wanted(symbol))
			add(source, symbol, name_of(symbol),
			    size_of(elf_table, (size_t)i, bfd_asymbol_value(symbol)));
	}
}

/* Entries of the procedure linkage table, "malloc@plt": they are in no table, libbfd makes
 * them from the relocations. */
static void add_synthetic(struct source *source, asymbol **table, long count,
			  asymbol **dynamic, long dynamic_count)
{
	asymbol *synthetic = NULL;
	long n = bfd_get_synthetic_symtab(source->bfd, count > 0 ? count : 0, table,
					  dynamic_count > 0 ? dynamic_count : 0, dynamic,
					  &synthetic);

	for (long i = 0; i < n; i++) {
		asymbol symbol = synthetic[i];

		symbol.flags = BSF_LOCAL | BSF_FUNCTION;
		add(source, &symbol, xstrdup(symbol.name), 0);
	}
	free(synthetic);
}

static void add_file(struct source *source)
{
	bfd *bfd = source->bfd;
	long room = bfd_get_symtab_upper_bound(bfd);
	long dynamic_room = bfd_get_dynamic_symtab_upper_bound(bfd);
	asymbol **table = xmalloc(room > 0 ? (size_t)room : sizeof(*table));
	asymbol **dynamic = xmalloc(dynamic_room > 0 ? (size_t)dynamic_room : sizeof(*table));
	long count = room > 0 ? bfd_canonicalize_symtab(bfd, table) : 0;
	long dynamic_count = 0;

	if (dynamic_room > 0)
		dynamic_count = bfd_canonicalize_dynamic_symtab(bfd, dynamic);
	add_table(source, table, count, SHT_SYMTAB);
	add_table(source, dynamic, dynamic_count, SHT_DYNSYM);
	add_synthetic(source, table, count, dynamic, dynamic_count);
	free(table);
	free(dynamic);
}

/* Does the build ID in memory differ from the file's? */
static bool is_replaced(struct source *source, struct capture *capture)
{
	asection *section = bfd_get_section_by_name(source->bfd, ".note.gnu.build-id");
	unsigned char in_file[64], in_memory[64];
	bfd_size_type size = section ? bfd_section_size(section) : 0;

	if (size == 0 || size > sizeof(in_file)
	    || !bfd_get_section_contents(source->bfd, section, in_file, 0, size)
	    || capture_read(capture, bfd_section_vma(section) + source->file->bias, in_memory,
			    size) < 0)
		return false;
	return memcmp(in_file, in_memory, size) != 0;
}

static void warn_gone(struct report *report, const char *path, int error)
{
	report_add(report, UNEXEC_WARNING, UNEXEC_CODE_SYMBOLS, error, 0, 0,
		   "the dump lacks the symbols of %s", path);
}

static void collect_file(struct symbols *symbols, struct capture *capture, const char *path,
			 struct report *report)
{
	struct mapped_file file;
	struct source source = { .symbols = symbols, .file = &file };
	int r = mapped_file_open(&file, capture->image, path);

	if (r < 0)
		warn_gone(report, path, errno);
	if (r != 0)
		return;
	source.bfd = bfd_openr(path, NULL);
	if (source.bfd && bfd_check_format(source.bfd, bfd_object)) {
		if (is_replaced(&source, capture))
			report_warning(report, SYMBOLS,
				       "the dump lacks the symbols of %s: it is not the file "
				       "any more that the process was started with", path);
		else
			add_file(&source);
	}
	if (source.bfd)
		bfd_close(source.bfd);
	mapped_file_close(&file);
}

/* ---- Order ------------------------------------------------------------------------------ */

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* By address, the name that people know first: global, with a size, without underscores. */
static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	bool x_local = ELF64_ST_BIND(x->info) == STB_LOCAL;
	bool y_local = ELF64_ST_BIND(y->info) == STB_LOCAL;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x_local != y_local)
		return x_local ? 1 : -1;
	if (!x->size != !y->size)
		return x->size ? -1 : 1;
	if (underscores(x->name) != underscores(y->name))
		return underscores(x->name) < underscores(y->name) ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void sort(struct symbols *symbols)
{
	size_t kept = 0;

	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare);
	for (size_t i = 0; i < symbols->count; i++) {
		if (kept && symbols->list[kept - 1].value == symbols->list[i].value)
			free(symbols->list[i].name);
		else
			symbols->list[kept++] = symbols->list[i];
	}
	symbols->count = kept;
}

/* Is it the first region with code of its file? */
static bool is_first_of_file(const struct image *image, size_t index)
{
	const char *name = image->regions[index].name;

	if (name[0] != '/' || !(image->regions[index].prot & PROT_EXEC))
		return false;
	for (size_t i = index; i-- > 0;)
		if (image->regions[i].prot & PROT_EXEC
		    && strcmp(image->regions[i].name, name) == 0)
			return false;
	return true;
}

void symbols_collect(struct symbols *symbols, struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;

	*symbols = (struct symbols){ 0 };
	bfd_init();
	bfd_set_error_handler(ignore_bfd_message);
	for (size_t i = 0; i < image->region_count; i++)
		if (is_first_of_file(image, i))
			collect_file(symbols, capture, image->regions[i].name, report);
	sort(symbols);
}

void symbols_free(struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	*symbols = (struct symbols){ 0 };
}
