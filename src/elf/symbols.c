/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbols of a process, from all ELF files that it has mapped, at their run-time addresses.
 * With them, debuggers and profilers find names in a dump without those files.
 */
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0" /* bfd.h insists on it */
#endif
#include <bfd.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "elf/file.h"
#include "elf/symbols.h"

#include "base/xalloc.h"

/* A file being read. */
struct source {
	struct elf_symbols *symbols;
	bfd *bfd;
	struct elf_file *file;
};

static void ignore_bfd_message(const char *format, va_list arguments)
{
	(void)format;
	(void)arguments;
}

static unsigned char symbol_type_and_binding(const asymbol *symbol)
{
	unsigned type = symbol->flags & BSF_OBJECT ? STT_OBJECT : STT_FUNC;
	unsigned bind = symbol->flags & (BSF_GLOBAL | BSF_GNU_UNIQUE) ? STB_GLOBAL
			: symbol->flags & BSF_WEAK		      ? STB_WEAK
									: STB_LOCAL;

	return GELF_ST_INFO(bind, type);
}

/* These names have a meaning that does not apply to a dump. Linkers define the first two in
 * each file. If a program defines the others, gdb takes it to contain the dynamic linker: it
 * reads the linker's data and sets a breakpoint at start, when that memory need not exist
 * yet. */
static bool has_meaning(const char *name)
{
	return strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0 || strcmp(name, "_DYNAMIC") == 0
	       || strcmp(name, "_r_debug") == 0 || strcmp(name, "_dl_debug_state") == 0
	       || strcmp(name, "__nptl_version") == 0;
}

/* Accepts functions and data that have one address for all threads. */
static bool is_wanted_symbol(const asymbol *symbol)
{
	const flagword wanted = BSF_FUNCTION | BSF_OBJECT | BSF_GNU_INDIRECT_FUNCTION;
	const flagword unwanted = BSF_THREAD_LOCAL | BSF_SECTION_SYM | BSF_FILE
				  | BSF_DEBUGGING;

	return symbol->flags & wanted && !(symbol->flags & unwanted)
	       && symbol->section->flags & SEC_ALLOC && symbol->name[0]
	       && !has_meaning(symbol->name);
}

/* Removes the version, which the linker appends to names in .symtab ("stdout@GLIBC_2.2.5") and
 * some releases of libbfd append to those in .dynsym. In a dump's own table, entries of the
 * procedure linkage table also have names. */
static char *symbol_name(const asymbol *symbol)
{
	const char *at = strchr(symbol->name, '@');

	if (!at || at == symbol->name || strcmp(at, "@plt") == 0)
		return xstrdup(symbol->name);
	return xasprintf("%.*s", (int)(at - symbol->name), symbol->name);
}

/* libbfd's interface has no sizes. Its symbols are in the order of the ELF table, without the
 * null symbol at the start. */
static uint64_t symbol_size(Elf_Data *table, size_t index, uint64_t value)
{
	GElf_Sym symbol;

	if (!table || !gelf_getsym(table, (int)index + 1, &symbol) || symbol.st_value != value)
		return 0;
	return symbol.st_size;
}

/* Returns libelf's view of the symbol table of that type, or NULL. */
static Elf_Data *find_symbol_table(Elf *elf, GElf_Word type)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr shdr;

		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == type)
			return elf_getdata(scn, NULL);
	}
	return NULL;
}

static void add_symbol(struct source *source, const asymbol *symbol, char *name, uint64_t size)
{
	struct elf_symbols *symbols = source->symbols;

	xgrow(symbols->list, symbols->count, symbols->room);
	symbols->list[symbols->count++] = (struct elf_symbol){
		.name = name,
		.value = bfd_asymbol_value(symbol) + source->file->bias,
		.size = size,
		.info = symbol_type_and_binding(symbol),
	};
}

static void add_symbol_table(struct source *source, asymbol **table, long count, GElf_Word type)
{
	Elf_Data *elf_table = find_symbol_table(source->file->elf, type);

	for (long i = 0; i < count; i++) {
		const asymbol *symbol = table[i];

		if (is_wanted_symbol(symbol))
			add_symbol(source, symbol, symbol_name(symbol),
				   symbol_size(elf_table, (size_t)i, bfd_asymbol_value(symbol)));
	}
}

/* Entries of the procedure linkage table ("malloc@plt") are in no table; libbfd makes them from
 * the relocations. */
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
		add_symbol(source, &symbol, xstrdup(symbol.name), 0);
	}
	free(synthetic);
}

/* Returns false if libbfd could not read all of them. */
static bool add_file_symbols(struct source *source)
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
	add_symbol_table(source, table, count, SHT_SYMTAB);
	add_symbol_table(source, dynamic, dynamic_count, SHT_DYNSYM);
	add_synthetic(source, table, count, dynamic, dynamic_count);
	free(table);
	free(dynamic);
	/* Not all functions of libbfd return an error when memory runs out. */
	return room >= 0 && count >= 0 && dynamic_count >= 0
	       && bfd_get_error() != bfd_error_no_memory;
}

static void warn_gone(struct report *report, const char *path, int error)
{
	report_add(report, UNEXEC_WARNING, UNEXEC_CODE_SYMBOLS, error, 0, 0,
		   "the symbols of %s cannot be read", path);
}

static void warn_replaced(struct report *report, const char *path)
{
	report_warning(report, SYMBOLS,
		       "the symbols of %s cannot be read: the file has been replaced since "
		       "the process mapped it", path);
}

static void collect_file(struct elf_symbols *symbols, struct capture *capture, const char *path,
			 struct report *report)
{
	struct elf_file file;
	struct source source = { .symbols = symbols, .file = &file };

	switch (elf_file_open(&file, capture, path)) {
	case ELF_FILE_GONE:
		warn_gone(report, path, errno);
		return;
	case ELF_FILE_REPLACED:
		warn_replaced(report, path);
		return;
	case ELF_FILE_FOREIGN:
		return;
	case ELF_FILE_OPEN:
		break;
	}
	bfd_set_error(bfd_error_no_error);
	source.bfd = bfd_openr(path, NULL);
	if (!source.bfd || !bfd_check_format(source.bfd, bfd_object) || !add_file_symbols(&source))
		report_warning(report, SYMBOLS, "the symbols of %s cannot be read: %s", path,
			       bfd_errmsg(bfd_get_error()));
	if (source.bfd)
		bfd_close(source.bfd);
	elf_file_close(&file);
}

/* ---- Order ------------------------------------------------------------------------------ */

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* Sorts by address. Among the names of an address the best known comes last, because debuggers
 * take the last one (gdb by its place among the strings): global, with a size, with few
 * underscores. */
static int compare_symbols(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;
	bool x_local = GELF_ST_BIND(x->info) == STB_LOCAL;
	bool y_local = GELF_ST_BIND(y->info) == STB_LOCAL;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x_local != y_local)
		return x_local ? -1 : 1;
	if (!x->size != !y->size)
		return x->size ? 1 : -1;
	if (underscores(x->name) != underscores(y->name))
		return underscores(x->name) < underscores(y->name) ? 1 : -1;
	return -strcmp(x->name, y->name);
}

/* Removes the kept symbol of that name and address, if there is one. */
static size_t remove_same(struct elf_symbol *kept, size_t count, const struct elf_symbol *symbol)
{
	for (size_t i = count; i-- > 0 && kept[i].value == symbol->value;) {
		if (strcmp(kept[i].name, symbol->name) != 0)
			continue;
		free(kept[i].name);
		memmove(&kept[i], &kept[i + 1], (count - i - 1) * sizeof(*kept));
		return count - 1;
	}
	return count;
}

static void bind_symbol(struct elf_symbol *symbol, unsigned binding)
{
	symbol->info = GELF_ST_INFO(binding, GELF_ST_TYPE(symbol->info));
}

/* Makes all global names of an address weak except the last, since perf prefers names that are
 * not weak. */
static void bind_names(struct elf_symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++) {
		struct elf_symbol *symbol = &symbols->list[i];

		if (GELF_ST_BIND(symbol->info) == STB_LOCAL)
			continue;
		if (i + 1 < symbols->count && symbol[1].value == symbol->value)
			bind_symbol(symbol, STB_WEAK);
		else
			bind_symbol(symbol, STB_GLOBAL);
	}
}

static void sort_symbols(struct elf_symbols *symbols)
{
	size_t kept = 0;

	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare_symbols);
	for (size_t i = 0; i < symbols->count; i++) {
		kept = remove_same(symbols->list, kept, &symbols->list[i]);
		symbols->list[kept++] = symbols->list[i];
	}
	symbols->count = kept;
	bind_names(symbols);
}

/* Returns whether this is the first region with code of its file. */
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

void elf_symbols_collect(struct elf_symbols *symbols, struct capture *capture,
			 struct report *report)
{
	const struct image *image = capture->image;

	*symbols = (struct elf_symbols){ 0 };
	bfd_init();
	bfd_set_error_handler(ignore_bfd_message);
	for (size_t i = 0; i < image->region_count; i++)
		if (is_first_of_file(image, i))
			collect_file(symbols, capture, image->regions[i].name, report);
	sort_symbols(symbols);
}

void elf_symbols_free(struct elf_symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	*symbols = (struct elf_symbols){ 0 };
}
