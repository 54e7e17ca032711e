/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the sections of a dump that describe it.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dump_text.h"
#include "base/xalloc.h"

static Elf_Scn *find_section(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	size_t strings;

	if (elf_getshdrstrndx(elf, &strings))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		const char *found = NULL;

		if (gelf_getshdr(section, &header))
			found = elf_strptr(elf, strings, header.sh_name);
		if (found && !strcmp(found, name))
			return section;
	}
	return NULL;
}

void *dump_section_read(struct Elf *elf, const char *name, size_t *ret_length)
{
	Elf_Scn *section = find_section(elf, name);
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;

	if (!data || !data->d_buf)
		return NULL;
	*ret_length = data->d_size;
	return xmemdup(data->d_buf, data->d_size);
}

/* The plan follows the restarter's code, at this alignment or a multiple. */
#define PLAN_STEP 8

static bool is_plan(const struct plan *plan, size_t room)
{
	return plan->magic == PLAN_MAGIC && plan->version == PLAN_VERSION && plan->size <= room
	       && plan->prefault.offset <= plan->size
	       && plan->prefault.count <= PLAN_PREFAULT_ROOM
	       && plan->prefault_sure <= plan->prefault.count
	       && PLAN_PREFAULT_ROOM * sizeof(uint64_t) <= plan->size - plan->prefault.offset
	       && plan->tuned.offset <= plan->size && plan->tuned.count <= PLAN_TUNED_ROOM
	       && PLAN_TUNED_ROOM <= plan->size - plan->tuned.offset;
}

struct plan *dump_plan_read(struct Elf *elf)
{
	size_t length = 0;
	unsigned char *bytes = dump_section_read(elf, DUMP_CODE_SECTION, &length);
	struct plan *found = NULL;

	for (size_t at = 0; at + sizeof(*found) <= length && !found; at += PLAN_STEP) {
		struct plan plan;

		memcpy(&plan, bytes + at, sizeof(plan));
		if (is_plan(&plan, length - at))
			found = xmemdup(bytes + at, plan.size);
	}
	free(bytes);
	return found;
}

char *dump_text_read(struct Elf *elf, size_t *ret_length)
{
	return dump_section_read(elf, DUMP_TEXT_SECTION, ret_length);
}
