/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the system calls in a process's code that a dump redirects.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "elf/lookup.h"
#include "analysis/analysis.h"
#include "analysis/redirect_sites.h"
#include "elf/instructions.h"
#include "base/xalloc.h"

#ifndef SYS_process_madvise
#define SYS_process_madvise 440 /* since 5.10 */
#endif

const struct arch_call_numbers redirect_numbers = {
	.list = { SYS_madvise, SYS_process_madvise, SYS_mremap, SYS_pkey_mprotect, SYS_mbind,
		  SYS_mlock, SYS_mlock2 },
	.count = 7,
};

/* The object of the current region. */
struct object {
	const char *name;
	bool libc;    /* or its dynamic linker */
	uint64_t any; /* libc's function syscall() */
};

struct finder {
	struct capture *capture;
	struct redirect_sites sites;
	struct object object;
};

/* An object's first region has its ELF header; others of the same name follow. */
static void enter_region(struct finder *finder, const struct region *region)
{
	struct object *object = &finder->object;
	uint64_t any;

	if (object->name && !strcmp(object->name, region->name))
		return;
	any = elf_find_exported(finder->capture, region, "syscall");
	*object = (struct object){
		.name = region->name,
		.any = any,
		.libc = any || elf_find_exported(finder->capture, region, "__tls_get_addr"),
	};
}

/* A range of code, unchanged. */
struct code {
	unsigned char *bytes;
	size_t length;
	uint64_t address;
};

static void add_site(struct finder *finder, const struct arch_call_site *call)
{
	struct redirect_sites *sites = &finder->sites;

	if (call->kind == ARCH_CALL_LOST) {
		xgrow(sites->lost, sites->lost_count, sites->lost_room);
		sites->lost[sites->lost_count++] = *call;
		return;
	}
	xgrow(sites->list, sites->count, sites->room);
	sites->list[sites->count++] = *call;
}

/* libc's own calls contain their numbers, except for its function syscall(). In libc, other calls
 * with any number are cancellation points: a cancelled thread unwinds from them, so they must
 * stay unchanged. */
static bool is_in_function(const struct object *object, const struct arch_call_site *call)
{
	return call->start >= object->any && call->start < object->any + ARCH_CALL_FUNCTION_MAX;
}

/* Adds a call with any number whose bytes may be part of another instruction. In libc's syscall(),
 * decoding from the symbol proves where instructions begin; in other code, a start can only be
 * likely. */
static void add_unproven(struct finder *finder, const struct code *code,
			 struct arch_call_site *call)
{
	const struct object *object = &finder->object;
	size_t at = call->start - code->address;

	if (object->libc && object->any >= code->address
	    && elf_instructions_reach(code->bytes, code->length, object->any - code->address, at))
		call->kind = call->pad_length ? ARCH_CALL_ANY : ARCH_CALL_LOST;
	else if (!object->libc && elf_instructions_likely(code->bytes, code->length, at))
		call->kind = ARCH_CALL_LOST;
	else
		return;
	add_site(finder, call);
}

static void filter_call(struct finder *finder, const struct code *code, struct arch_call_site *call)
{
	const struct object *object = &finder->object;
	bool is_any = call->kind != ARCH_CALL_FUNCTION && call->number < 0;

	if (is_any && object->libc && !is_in_function(object, call))
		return;
	if (call->kind == ARCH_CALL_UNPROVEN)
		add_unproven(finder, code, call);
	else
		add_site(finder, call);
}

static void search_code(struct finder *finder, struct range range)
{
	struct code code = { .length = range_length(range), .address = range.start };
	unsigned char *marked;
	struct arch_call_site call;
	size_t at = 0;

	code.bytes = xmalloc(code.length);
	if (!capture_read(finder->capture, range.start, code.bytes, code.length)) {
		marked = xmemdup(code.bytes, code.length);
		while (arch_next_call(marked, code.length, range.start, &redirect_numbers, &at,
				      &call))
			filter_call(finder, &code, &call);
		free(marked);
	}
	free(code.bytes);
}

/* The kernel's own code and the code that an earlier dump has added make none of these calls for
 * the program. */
static bool is_searched(const struct region *region)
{
	return (region->prot & 5) == 5 /* read, execute */ && !(region->flags & REGION_SHARED)
	       && !region_is_added(region) && region->origin != ORIGIN_VDSO;
}

struct redirect_sites redirect_sites_find(struct capture *capture)
{
	struct finder finder = { .capture = capture };

	for (size_t i = 0; i < capture->image->region_count; i++) {
		const struct region *region = &capture->image->regions[i];

		enter_region(&finder, region);
		for (size_t j = 0; is_searched(region) && j < region->data_count; j++)
			search_code(&finder, region->data[j]);
	}
	return finder.sites;
}

void redirect_sites_free(struct redirect_sites *sites)
{
	free(sites->list);
	free(sites->lost);
}
