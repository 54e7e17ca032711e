/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vDSO proxy. libc, ld.so, runtimes and C++ unwinders keep pointers into the vDSO of the
 * old process; the new process has another vDSO, elsewhere. So the dump keeps the old vDSO's bytes
 * as plain memory, and the entry of each function becomes a jump through a slot:
 *
 *     a page of its own below            the old vDSO, r-x
 *    ┌──────────────────────┐   ┌──────────────────────────────────────────┐
 *    │ slot 0  slot 1  …    │◄──│ clock_gettime: jump slot 0; system call  │
 *    └──────────────────────┘   └──────────────────────────────────────────┘
 *
 * In the file, a slot points to the system call after the jump; the restarter sets it to the
 * function of that name in the new vDSO. On a kernel of the same build, the restarter moves the new
 * vDSO, which has the same bytes, to the place of the proxy, so that unwinding from inside it works,
 * too. The vDSO's data then takes the place of the old data, so nothing else may be there.
 */
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "analysis/analysis.h"
#include "arch_vdso.h"
#include "base/xalloc.h"
#include "capture/capture.h"
#include "elf/lookup.h"
#include "elf/notes.h"
#include "image/free_room.h"

struct function {
	uint64_t address;
	const char *name;
};

struct vdso {
	unsigned char *bytes;
	Elf *elf; /* the same; a core may have anything there, which libelf checks */
	uint64_t address, length;
	struct function *functions; /* sorted by address, one for each */
	size_t count, room;
};

static int compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* "__vdso_time" before "time" */
	return strcmp(x->name, y->name);
}

static void add_vdso_function(void *context, const GElf_Sym *symbol, const char *name)
{
	struct vdso *vdso = context;

	if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_value >= vdso->length)
		return;
	xgrow(vdso->functions, vdso->count, vdso->room);
	vdso->functions[vdso->count++] = (struct function){ vdso->address + symbol->st_value, name };
}

/* The section headers, which list the symbols, are in memory, too. */
static void find_functions(struct vdso *vdso)
{
	size_t unique = 0;

	elf_visit_symbols(vdso->elf, add_vdso_function, vdso);
	if (vdso->count)
		qsort(vdso->functions, vdso->count, sizeof(*vdso->functions), compare);
	for (size_t i = 0; i < vdso->count; i++)
		if (!unique || vdso->functions[unique - 1].address != vdso->functions[i].address)
			vdso->functions[unique++] = vdso->functions[i];
	vdso->count = unique;
}

/* A free page below the vDSO, usually at the place of its data; 0 if there is none near. */
static uint64_t find_slots_room(const struct image *image, uint64_t below)
{
	uint64_t reach = below > ARCH_VDSO_PROXY_REACH ? ARCH_VDSO_PROXY_REACH : below;

	return image_find_room(image, &(struct room){ .length = image->page_size,
						      .within = { below - reach, below },
						      .highest = true });
}

/* The build-id identifies the build of the kernel. */
static void read_vdso_build_id(const struct vdso *vdso, uint64_t build[4])
{
	struct elf_build_id id;
	GElf_Phdr segment;

	for (int i = 0; gelf_getphdr(vdso->elf, i, &segment); i++)
		if (segment.p_type == PT_NOTE && segment.p_offset <= vdso->length
		    && segment.p_filesz <= vdso->length - segment.p_offset
		    && elf_build_id_find(vdso->bytes + segment.p_offset, segment.p_filesz, &id)
		    && id.size <= 4 * sizeof(*build))
			memcpy(build, id.bytes, id.size);
}

/* True if the build of the old vDSO is known and the place of its data is free. */
static bool may_be_replaced(const struct image *image)
{
	const struct plan_vdso *vdso = &image->vdso;
	const struct range data = { vdso->start, vdso->address };

	return vdso->build[0] && image_is_free(image, data);
}

static void patch(struct image *image, const struct vdso *vdso, uint64_t slots,
		  struct report *report)
{
	uint64_t *words = xcalloc(1, image->page_size);
	size_t used = 0;

	for (size_t i = 0; i < vdso->count && (used + 1) * 8 <= image->page_size; i++) {
		const struct function *function = &vdso->functions[i];
		uint64_t end = i + 1 < vdso->count ? function[1].address
						   : vdso->address + vdso->length;
		uint64_t slot = slots + used * 8;
		unsigned char code[64];
		size_t length = arch_vdso_proxy_code(code, end - function->address,
						 function->address, slot, function->name,
						 &words[used]);

		if (!length) {
			report_error(report, MAPPING,
				     "the vDSO's function %s is too short for a jump",
				     function->name);
			continue;
		}
		image_add_patch(image, function->address, code, length);
		image_add_slot(image, slot, function->name);
		used++;
	}
	image_add_patch(image, slots, words, image->page_size);
	free(words);
}

static int read_vdso(struct capture *capture, struct vdso *vdso, struct range range,
		     struct report *report)
{
	vdso->address = range.start;
	vdso->length = range_length(range);
	vdso->bytes = xcalloc(1, vdso->length);
	if (capture->read(capture, vdso->address, vdso->bytes, vdso->length)) {
		report_errno(report, READ, "cannot read the vDSO");
		return -1;
	}
	elf_version(EV_CURRENT);
	vdso->elf = elf_memory((char *)vdso->bytes, vdso->length);
	return 0;
}

/* Returns the page of the slots, which is new unless an earlier dump made it. */
static uint64_t slots_page(struct image *image, const struct vdso *vdso, uint64_t slots,
			   struct report *report)
{
	if (slots)
		return slots;
	slots = find_slots_room(image, image->vdso.address ? image->vdso.start : vdso->address);
	if (slots)
		image_insert_region(image, (struct range){ slots, slots + image->page_size },
				    PROT_READ | PROT_WRITE, ORIGIN_VDSO_PROXY);
	else
		report_error(report, NO_ROOM, "no free page near the vDSO");
	return slots;
}

void analysis_make_vdso_proxy(struct capture *capture, uint64_t address, uint64_t slots,
			  struct report *report)
{
	struct image *image = capture->image;
	const struct region *region = image_find(image, address);
	struct vdso vdso = { 0 };

	if (!address || !region)
		return; /* the process has no vDSO */
	if (!read_vdso(capture, &vdso, region->range, report) && elf_kind(vdso.elf) == ELF_K_ELF)
		find_functions(&vdso);
	if (vdso.count)
		read_vdso_build_id(&vdso, image->vdso.build);
	if (!may_be_replaced(image))
		image->vdso = (struct plan_vdso){ 0 };
	if (vdso.count)
		slots = slots_page(image, &vdso, slots, report);
	if (vdso.count && slots)
		patch(image, &vdso, slots, report);
	elf_end(vdso.elf);
	free(vdso.functions);
	free(vdso.bytes);
}
