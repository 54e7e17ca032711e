/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of the model's members in an image's text. Printing and parsing share one table for
 * each struct, so that neither can forget a member. Only image/ includes this.
 *
 * The text has one item a line. Lines that are empty or start with '#' are skipped:
 *
 *   unexec-image 3                the first line: the format's version
 *   machine 62                    then each of these once, in any order
 *   page-size 4096
 *   generation 1
 *   program PATH
 *   boot 0x…
 *   stack-limit 8388608
 *   mm start-code=0x… …
 *   process dumpable=1 …
 *   memory mode=2 …               unless all are 0
 *   directory needed=0 PATH       if starts change to one
 *   itimer number=0 …             each that runs
 *   region 0x…-0x… rw- FLAG,FLAG 0x… NAME     sorted; flags "-": none; the offset
 *     data 0x…-0x…                            sorted; of the region above
 *   vdso address=0x… …            if there is one
 *   registers states=0x… …       if the CPU that they come from is known
 *   state number=2 …             the place of each state in frames
 *   thread frame=0x… … NAME
 *   frame address=0x…            of a running signal handler
 *   signal number=2 …
 *   timer number=0 …             POSIX timers
 *   queued thread=0x… …          signals, in the order of their delivery
 *   file number=3 … PATH         and the other kinds of plan_file: pipe, epoll, same, …
 *   slot address=0x… NAME
 *   variable string=0x… NAME     a change of the environment; 0: removed
 *   fixup address=0x… …
 *   need NAME
 *   end                           the last line
 *
 * See base/words.h for the form of names.
 */
#ifndef IMAGE_TEXT_H
#define IMAGE_TEXT_H

#include "image/image.h"

#define TEXT_VERSION 3
#define TEXT_ITIMERS \
	(sizeof(((struct plan_process *)0)->itimers) / sizeof(struct plan_itimer))

/* A number in a struct, 32 or 64 bits wide. */
struct text_field {
	const char *name;
	size_t offset, size;
	bool hexadecimal;
};

/* Each table ends in a field without a name. */
extern const struct text_field text_image_fields[], text_memory_fields[], text_mm_fields[],
	text_process_fields[], text_protection_fields[],
	text_rights_fields[], text_settings_fields[], text_thread_fields[], text_signal_fields[], text_slot_fields[], text_directory_fields[], text_variable_fields[],
	text_fixup_fields[], text_timer_fields[], text_itimer_fields[], text_vdso_fields[],
	text_registers_fields[], text_state_fields[], text_frame_fields[],
	text_queued_fields[];

/* Index: enum plan_file_kind. */
struct text_file_kind {
	const char *keyword;
	const struct text_field *fields; /* of struct plan_file */
};
extern const struct text_file_kind text_file_kinds[PLAN_FD_KINDS];

/* A timer of plan_process and its index there, in the form of a line. */
struct text_itimer {
	uint32_t number;
	struct plan_itimer itimer;
};

/* The same for the working directory. */
struct text_directory {
	uint32_t needed;
};

/* The same for a state of plan_registers. */
struct text_state {
	uint32_t number, place, size;
};

/* Index: number of the bit in region_flags. Ends in NULL. */
extern const char *const text_region_flags[];

#endif
