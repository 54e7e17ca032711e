/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runtimes of languages that remember their process ID. Ruby before 3.3 compares it with getpid()
 * before it passes on a signal and before fork(). asyncio of Python before 3.12 stores it in the
 * object that holds a thread's running loop. A start replaces these words by the new ID.
 */
#include <stdlib.h>
#include <string.h>

#include "arch_code.h"
#include "base/xalloc.h"
#include "elf/lookup.h"
#include "libc/libc.h"
#include "libc/runtimes.h"

#define WRITE 2
#define EXECUTE 4

static uint64_t find_in_process(struct capture *capture, const char *name,
				const struct region **ret_region)
{
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->region_count; i++) {
		uint64_t found = elf_find_exported(capture, &image->regions[i], name);

		if (!found)
			continue;
		if (ret_region)
			*ret_region = &image->regions[i];
		return found;
	}
	return 0;
}

static void fix_id(const struct runtimes *runtimes, struct image *image, uint64_t address)
{
	const struct plan_fixup fixup = {
		.address = address,
		.kind = PLAN_FIXUP_TID,
		.which = runtimes->thread,
	};

	for (size_t i = 0; i < image->fixup_count; i++)
		if (image->fixups[i].address == address)
			return;
	image_add_fixup(image, &fixup);
}

/* ---- Ruby -------------------------------------------------------------------------------- */

/* Is `address` the function, or a stub by which a file calls it? */
static bool is_reached(struct capture *capture, uint64_t address, uint64_t function)
{
	unsigned char code[ARCH_LINKAGE];
	uint64_t pointer, target;

	if (address == function)
		return true;
	if (capture_peek(capture, address, code, sizeof(code)))
		return false;
	pointer = arch_linkage_pointer(code, address);
	return pointer && !capture_peek(capture, pointer, &target, sizeof(target))
	       && target == function;
}

static bool holds_id(struct capture *capture, const struct runtimes *runtimes, uint64_t address)
{
	const struct region *region = image_find(capture->image, address);
	uint32_t word;

	return region && region->prot & WRITE && address % sizeof(word) == 0
	       && !capture_peek(capture, address, &word, sizeof(word)) && word == runtimes->id;
}

/* Fixes the variables that hold the ID and that this code compares with what getpid() returns.
 * Returns whether there is one. */
static bool fix_compared(struct capture *capture, const struct runtimes *runtimes,
			 const struct region *region, uint64_t getpid)
{
	size_t size = region->range.end - region->range.start, at = 0, next;
	unsigned char *code = xmalloc(size);
	struct arch_compared compared;
	bool found = false;

	if (capture_peek(capture, region->range.start, code, size))
		size = 0;
	while ((next = arch_find_compared(code + at, size - at, region->range.start + at,
					  &compared))) {
		at += next - ARCH_COMPARED_BEFORE;
		if (!is_reached(capture, compared.function, getpid)
		    || !holds_id(capture, runtimes, compared.variable))
			continue;
		fix_id(runtimes, capture->image, compared.variable);
		found = true;
	}
	free(code);
	return found;
}

static void find_ruby(struct capture *capture, const struct runtimes *runtimes,
		      struct report *report)
{
	const struct image *image = capture->image;
	const struct region *ruby = NULL;
	uint64_t at = find_in_process(capture, "ruby_api_version", &ruby);
	uint64_t getpid = at ? find_in_process(capture, "getpid", NULL) : 0;
	int32_t version[3];
	bool found = false;

	if (!at || capture_peek(capture, at, version, sizeof(version))
	    || version[0] > 3 || (version[0] == 3 && version[1] >= 3))
		return;
	for (size_t i = 0; getpid && i < image->region_count; i++)
		if (image->regions[i].prot & EXECUTE
		    && !strcmp(image->regions[i].name, ruby->name))
			found |= fix_compared(capture, runtimes, &image->regions[i], getpid);
	if (!found)
		report_warning(report, SETTING, "Ruby %d.%d remembers its process ID: in a start "
			       "with another, signals are ignored and fork() fails (--pid=keep)",
			       version[0], version[1]);
}

/* ---- Python ------------------------------------------------------------------------------ */

#define HOLDER_NAME "_RunningLoopHolder"

/* The head of a PyTypeObject in Python 3.8 to 3.11, and the object that it describes. */
struct type {
	uint64_t references, type, items, name;
	int64_t size;
};
struct holder {
	uint64_t references, type, loop;
	uint32_t id;
};

static bool is_holder_type(struct capture *capture, const struct type *type, uint64_t metatype)
{
	char name[sizeof(HOLDER_NAME)];

	return type->type == metatype && type->size == sizeof(struct holder)
	       && !capture_peek(capture, type->name, name, sizeof(name))
	       && !memcmp(name, HOLDER_NAME, sizeof(name));
}

/* The type is a variable, without a symbol, of the file that has the module _asyncio. */
static uint64_t find_holder_type(struct capture *capture, const struct region *region,
				 uint64_t metatype)
{
	size_t size = region->range.end - region->range.start;
	unsigned char *bytes = xmalloc(size);
	struct type type;
	uint64_t found = 0;

	if (capture_peek(capture, region->range.start, bytes, size))
		size = 0;
	for (size_t at = 0; at + sizeof(type) <= size && !found; at += sizeof(uint64_t)) {
		memcpy(&type, bytes + at, sizeof(type));
		if (is_holder_type(capture, &type, metatype))
			found = region->range.start + at;
	}
	free(bytes);
	return found;
}

static uint64_t find_python(struct capture *capture)
{
	const struct image *image = capture->image;
	const struct region *module = NULL;
	uint64_t metatype, found = 0;

	if (!find_in_process(capture, "PyInit__asyncio", &module))
		return 0;
	metatype = find_in_process(capture, "PyType_Type", NULL);
	for (size_t i = 0; metatype && !found && i < image->region_count; i++)
		if (image->regions[i].prot & WRITE && !strcmp(image->regions[i].name, module->name))
			found = find_holder_type(capture, &image->regions[i], metatype);
	return found;
}

void runtimes_scan(const struct runtimes *runtimes, struct image *image,
		   const unsigned char *block, uint64_t address)
{
	const size_t id_at = offsetof(struct holder, id);
	struct holder holder;

	if (!runtimes->holder_type)
		return;
	for (size_t at = 0; at < LIBC_SCAN_BLOCK; at += sizeof(uint64_t)) {
		memcpy(&holder, block + at - id_at, id_at + sizeof(holder.id));
		if (holder.id == runtimes->id && holder.type == runtimes->holder_type
		    && holder.loop)
			fix_id(runtimes, image, address + at);
	}
}

/* ------------------------------------------------------------------------------------------ */

struct runtimes runtimes_find(struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;
	struct runtimes runtimes = { 0 };

	for (uint32_t i = 0; image->thread_tids && i < image->thread_count; i++)
		if (image->thread_tids[i] == image->process_id) {
			runtimes.id = image->process_id;
			runtimes.thread = i;
		}
	/* Without its descriptors, a runtime must see another ID: it then makes those of its own
	 * again, as in a child. */
	if (!runtimes.id || image->no_descriptors)
		return runtimes;
	find_ruby(capture, &runtimes, report);
	runtimes.holder_type = find_python(capture);
	return runtimes;
}
