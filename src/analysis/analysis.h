/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that all sources take once regions and threads are in the image.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "arch_frame.h"
#include "image/path_map.h"
#include "libc/libc.h"

/* A source's knowledge of the process beyond the image. */
struct analysis {
	uint64_t vdso;  /* its address; 0: the process has none */
	uint64_t slots; /* of an earlier dump's vDSO proxy, or 0 */
	/* The places of these values; NULL: a step looks for them. */
	const struct startup_values *startup_values;
	struct startup_choices choices; /* about startup values */
	/* The threads' registers, in the order of image->threads; NULL if the library in the process
	 * has stopped them. */
	const struct arch_thread_state *states;
	const struct exit_list *exit_list; /* to be trimmed; NULL: all its functions stay */
	/* Finds places in the image for objects that the source has copied; may be NULL. */
	void (*place)(struct capture *capture);
};

/* The user's choices. */
#define ANALYSIS_MAPS_MOST 16
struct analysis_choices {
	enum image_memory memory;
	enum image_prefault prefault;
	bool scrub;    /* leave out the strings of environment and arguments */
	bool keep_ids; /* starts have the IDs of the process and its threads */
	struct path_map maps[ANALYSIS_MAPS_MOST]; /* of paths that starts use */
	size_t map_count;
};

/* The steps that each source ends in. Needs regions, threads, image->mm and image->registers.
 * Reports state that cannot be preserved. */
void analysis_run(struct capture *capture, const struct analysis *analysis,
		  struct report *report);

/* The steps before the layout. Reports an error if a read of the process has failed since its
 * capture began. */
void analysis_finish(struct capture *capture, const struct analysis_choices *choices,
		     struct report *report);

/* ---- The steps --------------------------------------------------------------------------- */

/* vdso_proxy.c: turns the old vDSO, at `vdso`, into a proxy. `slots`: the page of an earlier dump's
 * slots, or 0. vdso 0: the process has none. */
void analysis_make_vdso_proxy(struct capture *capture, uint64_t vdso, uint64_t slots,
			  struct report *report);

/* scrub.c: zeroes the main stack below the stack pointer, where functions that have returned left
 * data. Needs the frames of all threads. */
void analysis_clear_freed_stack(struct capture *capture);

/* scrub.c: zeroes the strings of arguments and environment, so that pointers to them point to
 * empty strings. Copies that the program has made stay. Error: MAPPING, if the strings cannot be
 * found. */
void analysis_scrub(struct capture *capture, struct report *report);

/* identity.c: starts have the process's ID and the TIDs of its threads. */
void analysis_keep_ids(struct image *image);

/* registers.c: adds the states of vector registers that the threads use to the image's needs, and
 * fixes frames that the kernel would reject. Needs image->registers and all frames. */
void analysis_settle_registers(struct capture *capture, struct report *report);

struct redirect_sites;

/* memory.c: decides which memory is lazy; the user's choice has priority. Reports the differences
 * to the original's memory. */
void analysis_choose_memory(struct capture *capture, enum image_memory asked,
			    const struct redirect_sites *sites, struct report *report);

/* redirect.c: redirects system calls to code that stays in the dump, if anonymous memory and
 * private mappings of the dump's file differ in them. Needs all regions, their form, and the
 * threads' frames. */
void analysis_redirect_calls(struct capture *capture, const struct redirect_sites *sites,
			     struct report *report);

#endif
