/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model of a process, which a capture source fills in and the layout works on. No ELF, no
 * files, no system calls. Addresses are the target's, as uint64_t; the end of a range is
 * exclusive.
 *
 * An image can be printed as text and read back (image_print, image_parse). Each dump contains
 * that text, `unexec info` reads it, and golden tests start from it.
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
	REGION_SHARED = 1,      /* others who map it see writes */
	REGION_GROWSDOWN = 2,   /* a stack */
	REGION_NORESERVE = 4,
	REGION_DONTDUMP = 8,    /* MADV_DONTDUMP */
	REGION_DONTFORK = 16,   /* MADV_DONTFORK */
	REGION_WIPEONFORK = 32, /* MADV_WIPEONFORK */
	REGION_HUGEPAGE = 64,   /* MADV_HUGEPAGE */
	REGION_NOHUGEPAGE = 128,
	REGION_MERGEABLE = 256,
	REGION_REOPEN = 512,    /* shared, of a file, and mapped from that file again */
	REGION_ANONYMOUS = 1024, /* private: must be anonymous memory in the dump, see below */
	REGION_GUARD = 2048,     /* MADV_GUARD_INSTALL: touching it is a fault; has no content */
	REGION_LOCKED = 4096,    /* mlock(2) */
	REGION_LOCKONFAULT = 8192, /* together with REGION_LOCKED: MLOCK_ONFAULT */
	REGION_SEQUENTIAL = 16384, /* MADV_SEQUENTIAL */
	REGION_RANDOM = 32768,     /* MADV_RANDOM */
	REGION_AIO = 65536,        /* the ring of a context of io_setup(2), empty */
	REGION_SEALED = 262144,    /* mseal(2) */
	REGION_OBJECT = 131072     /* shared; a PLAN_FD_MAP maps it and has the content */
};

/* The form of private anonymous memory in a dump. Lazy: mapped from the dump's file, and each
 * page read when it is touched. The start is fast, but many system calls treat it as memory of
 * a file. Copy: anonymous memory again, filled at the start. */
enum image_memory {
	IMAGE_MEMORY_AUTO = 0, /* lazy, except regions with REGION_ANONYMOUS */
	IMAGE_MEMORY_LAZY = 1,
	IMAGE_MEMORY_COPY = 2
};

/* The pages that a start prefaults. */
enum image_prefault {
	IMAGE_PREFAULT_AUTO = 0, /* those that each start writes; where faults are dear, all */
	IMAGE_PREFAULT_ALL = 1,  /* all that the process has written */
	IMAGE_PREFAULT_NONE = 2
};

/* The source of a region. */
enum region_origin {
	ORIGIN_ANONYMOUS, /* memory of no file, by any name of the kernel's */
	ORIGIN_FILE,
	ORIGIN_HEAP,
	ORIGIN_STACK,
	ORIGIN_VDSO,
	/* Added by this dump or an earlier one: */
	ORIGIN_VDSO_PROXY, /* slots through which the old vDSO's functions jump */
	ORIGIN_TRAMPOLINE, /* signal frames, and code that threads start in */
	ORIGIN_REDIRECT,   /* code that replaces system calls, and its table */
	ORIGIN_MEMFD       /* content of shared memory, until the restarter moves it */
};

/* One mapping of the process. `data` are the ranges with content: sorted, page-aligned, within
 * the region. The rest is zero. */
struct region {
	struct range range;
	uint32_t prot;  /* PROT_READ | … */
	uint32_t flags; /* region_flags */
	uint64_t offset; /* in the file; 0 for none */
	char *name;      /* "/usr/lib/…", "[heap]", …; "" for anonymous memory */
	enum region_origin origin; /* follows from the name */
	struct range *data;
	size_t data_count, data_room;
	bool added; /* not in the process, nor in the text; all its content is patches */
};

/* Returns whether the region belongs to a dump and not to the program. */
static inline bool region_is_added(const struct region *region)
{
	return region->origin >= ORIGIN_VDSO_PROXY && region->origin <= ORIGIN_REDIRECT;
}

/* Sets the region's name and the origin that follows from it. */
void region_set_name(struct region *region, const char *name);
/* Returns the name of all regions of that origin; NULL for files and anonymous memory, whose
 * regions have their own names. */
const char *region_origin_name(enum region_origin origin);

/* Returns whether the region is private memory of no file and belongs to the program. */
bool region_was_anonymous(const struct region *region);

/* A descriptor, or an operation on one. */
struct image_file {
	struct plan_file plan; /* without path and data, which follow */
	char *path;            /* "" for none */
	void *data;            /* plan.length bytes; NULL if parsed, since the text lacks them */
};

/* A function of the old vDSO, and the slot with the address of its replacement. */
struct image_slot {
	uint64_t address;
	char *name;
};

/* A change that the program has made to its environment. */
struct image_variable {
	uint64_t string; /* address of its NAME=VALUE; 0: it has removed the variable */
	char *name;
};

/* Bytes that replace those of the process: the vDSO proxy's code, the slots. */
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
	bool no_descriptors; /* of a core: starts have 0, 1 and 2 alone; not in the text */
	char *directory;       /* that starts change to; NULL: none */
	bool directory_needed; /* a start fails without it */
	bool keeps_environment; /* `environ` stays; not in the text */
	char *program; /* path of the program */
	uint64_t boot; /* see shared/plan.h */
	uint64_t stack_limit;
	uint64_t argv0; /* see shared/plan.h; not in the text */
	enum image_memory memory;
	enum image_prefault prefault;
	struct plan_mm mm;
	struct plan_process process;
	struct plan_settings settings;
	struct plan_protection protection;
	struct plan_rights rights; /* the list of groups is not in the text */
	struct plan_vdso vdso;
	struct plan_registers registers;

	struct region *regions; /* sorted by address; never overlap */
	size_t region_count, region_room;
	struct plan_thread *threads;
	size_t thread_count;
	char (*thread_names)[16];
	/* As the process itself sees them; not in the text; thread_tids may be NULL. */
	uint32_t process_id, *thread_tids;
	struct plan_frame *frames; /* of running signal handlers, not of threads */
	size_t frame_count;
	struct plan_signal *signals;
	size_t signal_count;
	struct plan_timer *timers;
	size_t timer_count;
	struct plan_queued *queued; /* signals, in the order of their delivery */
	size_t queued_count;
	struct image_file *files; /* by image_file_rank, number, order of addition */
	size_t file_count;
	struct image_slot *slots;
	size_t slot_count;
	struct image_variable *variables;
	size_t variable_count;
	struct plan_fixup *fixups; /* known before memory is read; libc's scan finds more */
	size_t fixup_count;
	struct range arguments, environment; /* strings; not in the text */
	struct image_patch *patches; /* not in the text */
	size_t patch_count;
	char **needs; /* CPU features that the machine must have: "avx2", … */
	size_t need_count;
};

/* Without memory, all of these print a message and exit with status 1: see base/xalloc.h. */

struct image *image_new(void);
void image_free(struct image *image);

/* Appends a region. The pointer is valid until the next call. */
struct region *image_add_region(struct image *image, struct range range, uint32_t prot,
				uint32_t flags, uint64_t offset, const char *name);

/* Returns whether the dump has anonymous memory there, filled at the start, instead of a
 * mapping of its file. */
bool image_is_anonymous(const struct image *image, const struct region *region);

/* Inserts a region by its address; all of it has content. */
void image_insert_region(struct image *image, struct range range, uint32_t prot,
			 enum region_origin origin);

/* Appends a range with content to those of the region, or extends the last one if they
 * touch. */
void region_add_data(struct region *region, struct range range);

void image_add_thread(struct image *image, const struct plan_thread *thread, const char *name);
void image_add_frame(struct image *image, uint64_t address);
void image_add_signal(struct image *image, const struct plan_signal *signal);
void image_add_timer(struct image *image, const struct plan_timer *timer);
void image_add_queued(struct image *image, const struct plan_queued *queued);
/* The image copies path and data, either of which may be NULL. */
void image_add_file(struct image *image, const struct plan_file *plan, const char *path,
		    const void *data);
void image_add_slot(struct image *image, uint64_t address, const char *name);
void image_add_variable(struct image *image, uint64_t string, const char *name);
void image_add_fixup(struct image *image, const struct plan_fixup *fixup);
void image_add_patch(struct image *image, uint64_t address, const void *bytes, size_t length);
void image_add_need(struct image *image, const char *name);
/* The same as a callback: `image` is the struct image. */
void image_add_need_to(void *image, const char *name);
/* Removes the needs for which keep(level, name) returns false. */
void image_limit_needs(struct image *image, bool (*keep)(int level, const char *name),
		       int level);

/* Returns the region that contains the address, or NULL. */
const struct region *image_find(const struct image *image, uint64_t address);
/* Returns whether no region overlaps the range. */
bool image_is_free(const struct image *image, struct range range);

/* Returns the rank by which files are sorted: their kind, and one rank for all kinds of
 * objects. */
static inline uint32_t image_file_rank(uint32_t kind)
{
	return plan_is_object(kind) ? PLAN_FD_MEMORY : kind;
}

/* Prints the text: one item a line, sorted, the same for the same image. */
void image_print(const struct image *image, FILE *stream);

/* Reads the text that image_print has written. The text is never trusted: for a malformed line
 * the report gets an error (UNEXEC_CODE_FORMAT, with the line's number), and the result is
 * NULL. */
struct image *image_parse(const char *text, size_t length, struct report *report);

#endif
