/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model of a process: what a capture source fills in and the layout works on. No ELF,
 * no files, no system calls. Addresses are the target's, uint64_t; ranges end exclusive.
 *
 * An image can be written as text and read back (image_print, image_parse): that text is
 * stored in each dump, is what `unexec info` reads, and is what golden tests start from.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/range.h"
#include "shared/plan.h"

struct report;

enum region_flags {
	REGION_SHARED = 1,      /* writes are seen by others who map it */
	REGION_GROWSDOWN = 2,   /* a stack */
	REGION_NORESERVE = 4,
	REGION_DONTDUMP = 8,    /* MADV_DONTDUMP */
	REGION_DONTFORK = 16,   /* MADV_DONTFORK */
	REGION_WIPEONFORK = 32, /* MADV_WIPEONFORK */
	REGION_HUGEPAGE = 64,   /* MADV_HUGEPAGE */
	REGION_NOHUGEPAGE = 128,
	REGION_MERGEABLE = 256,
	REGION_REOPEN = 512,    /* shared and of a file: mapped from the file again */
	REGION_ANONYMOUS = 1024, /* private: must be anonymous memory in the dump, see below */
	REGION_GUARD = 2048,     /* MADV_GUARD_INSTALL: to touch it is a fault; has no content */
	REGION_LOCKED = 4096,    /* mlock */
	REGION_LOCKONFAULT = 8192, /* with the one before: MLOCK_ONFAULT */
	REGION_SEQUENTIAL = 16384, /* MADV_SEQUENTIAL */
	REGION_RANDOM = 32768,     /* MADV_RANDOM */
	REGION_AIO = 65536,        /* the ring of a context of io_setup(2), empty */
	REGION_OBJECT = 131072     /* shared, and mapped by a PLAN_FD_MAP, which has the content */
};

/* How a dump has private memory that was anonymous. Lazy: mapped from the dump's file, each
 * page read when it is touched; fast to start, but in many calls the kernel treats it as
 * memory of a file. Copy: anonymous memory again, filled at the start. */
enum image_memory {
	IMAGE_MEMORY_AUTO = 0, /* lazy, but for regions with REGION_ANONYMOUS */
	IMAGE_MEMORY_LAZY = 1,
	IMAGE_MEMORY_COPY = 2
};

/* Where a region comes from. */
enum region_origin {
	ORIGIN_ANONYMOUS, /* memory of no file, whatever the kernel calls it */
	ORIGIN_FILE,
	ORIGIN_HEAP,
	ORIGIN_STACK,
	ORIGIN_VDSO,
	/* Added by this dump or an earlier one: */
	ORIGIN_VDSO_PROXY, /* the slots that the old vDSO's functions jump through */
	ORIGIN_TRAMPOLINE, /* signal frames and code that threads start from */
	ORIGIN_REDIRECT,   /* code that replaces system calls, and its table */
	ORIGIN_MEMFD       /* the content of shared memory, until the restarter has moved it */
};

/* One mapping of the process. What lies in it is `data`: sorted, page-aligned, within the
 * region; all else in it is zero. */
struct region {
	struct range range;
	uint32_t prot;  /* PROT_READ | … */
	uint32_t flags; /* region_flags */
	uint64_t offset; /* in the file; 0 for none */
	char *name;      /* "/usr/lib/…", "[heap]", …; "" for anonymous memory */
	enum region_origin origin; /* follows from the name */
	struct range *data;
	size_t data_count, data_room;
	bool added; /* the process does not have it: all in it is patches; not in the text */
};

/* Whether it is memory of a dump and not of the program. */
static inline bool region_is_added(const struct region *region)
{
	return region->origin >= ORIGIN_VDSO_PROXY && region->origin <= ORIGIN_REDIRECT;
}

/* Gives the region a name, which says where it comes from. */
void region_set_name(struct region *region, const char *name);
/* The name of all regions of that origin. NULL for
 * files and anonymous memory, which have names of their own. */
const char *region_origin_name(enum region_origin origin);

/* Private memory of no file, the program's own. */
bool region_was_anonymous(const struct region *region);

/* A descriptor, or something to be done to one. */
struct image_file {
	struct plan_file plan; /* without path and data, which are: */
	char *path;            /* "" for none */
	void *data;            /* plan.length bytes; not in the text: NULL in one that was parsed */
};

/* A function of the old vDSO and the slot that leads to what stands in for it. */
struct image_slot {
	uint64_t address;
	char *name;
};

/* Bytes that differ from what is read at their address: the bridge's code, the slots. */
struct image_patch {
	uint64_t address;
	size_t length;
	unsigned char *bytes;
};

struct image {
	uint32_t machine; /* e_machine */
	uint32_t page_size;
	uint32_t generation;
	bool reset_as_exec; /* see struct handoff; not in the text */
	char *program; /* the path of the program whose code this is */
	uint64_t boot; /* see shared/plan.h */
	uint64_t stack_limit;
	enum image_memory memory;
	struct plan_mm mm;
	struct plan_process process;
	struct plan_vdso vdso;
	struct plan_registers registers;

	struct region *regions; /* sorted by address, never overlapping */
	size_t region_count, region_room;
	struct plan_thread *threads;
	size_t thread_count;
	char (*thread_names)[16];
	uint32_t *thread_tids; /* as the process knows them; not in the text; may be NULL */
	struct plan_frame *frames; /* of handlers that threads are in; not those of threads */
	size_t frame_count;
	struct plan_signal *signals;
	size_t signal_count;
	struct plan_timer *timers;
	size_t timer_count;
	struct image_file *files; /* by kind (those of objects are one), by number, as added */
	size_t file_count;
	struct image_slot *slots;
	size_t slot_count;
	struct plan_fixup *fixups; /* known before memory is read; the writer finds more */
	size_t fixup_count;
	struct range arguments, environment; /* strings, as the kernel knows; not in the text */
	struct image_patch *patches; /* not in the text */
	size_t patch_count;
	char **needs; /* names of what the machine must have: "avx2", … */
	size_t need_count;
};

/* All of these abort on lack of memory through xalloc (a message, exit 1), as the unexec
 * program does everywhere: see image/xalloc.h. */

struct image *image_new(void);
void image_free(struct image *image);

/* Adds a region behind those that are there. The pointer is good until the next call. */
struct region *image_add_region(struct image *image, struct range range, uint32_t prot,
				uint32_t flags, uint64_t offset, const char *name);

/* Whether the dump has anonymous memory there, filled at the start, and no mapping of its file. */
bool image_is_anonymous(const struct image *image, const struct region *region);

/* Adds a region that is all content where its address belongs. */
void image_insert_region(struct image *image, struct range range, uint32_t prot,
			 enum region_origin origin);

/* Adds a range with content behind those of the region; joins it to the last if they
 * touch. */
void region_add_data(struct region *region, struct range range);

void image_add_thread(struct image *image, const struct plan_thread *thread, const char *name);
void image_add_frame(struct image *image, uint64_t address);
void image_add_signal(struct image *image, const struct plan_signal *signal);
void image_add_timer(struct image *image, const struct plan_timer *timer);
/* The copies of path and data are the image's; NULL for none. */
void image_add_file(struct image *image, const struct plan_file *plan, const char *path,
		    const void *data);
void image_add_slot(struct image *image, uint64_t address, const char *name);
void image_add_fixup(struct image *image, const struct plan_fixup *fixup);
void image_add_patch(struct image *image, uint64_t address, const void *bytes, size_t length);
void image_add_need(struct image *image, const char *name);
/* Forgets those that keep(level, name) says no to. */
void image_limit_needs(struct image *image, bool (*keep)(int level, const char *name),
		       int level);

/* The region that holds the address, or NULL. */
const struct region *image_find(const struct image *image, uint64_t address);
/* Whether no region is there. */
bool image_is_free(const struct image *image, struct range range);

/* By this number files are in order: their kind, but one for all of objects. */
static inline uint32_t image_file_rank(uint32_t kind)
{
	return plan_is_object(kind) ? PLAN_FD_MEMORY : kind;
}

/* The text: one item a line, sorted, the same for the same image. */
void image_print(const struct image *image, FILE *stream);

/* Reads what image_print wrote. Never trusts it: any malformed line gives an error
 * (UNEXEC_CODE_FORMAT, names the line) in the report and NULL. */
struct image *image_parse(const char *text, size_t length, struct report *report);

#endif
