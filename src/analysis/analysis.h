/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that all sources take, when regions and threads are in the image.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "arch_frame.h"
#include "libc/libc.h"

/* What a source knows of the process beyond the image. */
struct analysis {
	uint64_t vdso;  /* where it is; 0: the process has none */
	uint64_t slots; /* of an earlier dump's vDSO proxy, or 0 */
	/* Where these values are; NULL: they are looked for. */
	const struct startup_values *startup_values;
	/* Registers of the threads, in the order of image->threads, where no library in the process
	 * has stopped them; NULL otherwise. */
	const struct arch_thread_state *states;
	const struct exit_list *exit_list; /* to be trimmed; NULL: all functions in it are called */
	/* Finds places in the image for what the source has copied; may be NULL. */
	void (*place)(struct capture *capture);
};

/* Takes all of these steps, in their order (analysis.c). Needs regions, threads, image->mm and
 * image->registers. What cannot be kept is in the report. */
void analysis_run(struct capture *capture, const struct analysis *analysis,
		  struct report *report);

/* ---- The steps --------------------------------------------------------------------------- */

/* vdso_proxy.c: makes the old vDSO, at `vdso`, a bridge; `slots`: those of an earlier dump, or 0.
 * vdso 0: the process has none. */
void analysis_make_vdso_proxy(struct capture *capture, uint64_t vdso, uint64_t slots,
			  struct report *report);

/* scrub.c: what functions that have returned left on the main stack becomes zero. Comes when
 * the frames of all threads are known. */
void analysis_clear_freed_stack(struct capture *capture);

/* So do the strings of arguments and environment; pointers to them lead to empty strings. What
 * the program has copied stays. An error (MAPPING) says that they cannot be found. */
void analysis_scrub(struct capture *capture, struct report *report);

/* registers.c: adds to what the image needs the states of vector registers that its threads are
 * in, and mends frames that would not be taken. Needs image->registers; when all frames are
 * known. */
void analysis_settle_registers(struct capture *capture, struct report *report);

/* redirect.c: redirects the system calls in which anonymous memory differs from a private mapping
 * of the dump's file to code that stays in the dump. Comes when all regions and the frames of
 * the threads are known. */
void analysis_redirect_calls(struct capture *capture, struct report *report);

/* Decides it in the end: what was asked for counts more. Names what is not as it was. */
void analysis_choose_memory(struct capture *capture, enum image_memory asked,
			   struct report *report);

#endif
