/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auxiliary vector at the top of the first stack.
 */
#ifndef CAPTURE_AUXV_H
#define CAPTURE_AUXV_H

#include "capture/word_reader.h"

/* More than the kernel allows: the strings may have 6 MB (fs/exec.c). */
#define CAPTURE_ARGUMENTS_MAX (UINT64_C(6) << 20)

/* Returns the address of the vector, if argc is at `stack`. 0: it is not there. */
uint64_t capture_find_auxv(struct word_reader *reader, uint64_t stack);

/* Returns the value of that type in the auxiliary vector; 0: there is none. Needs image->mm. */
uint64_t capture_auxv(struct capture *capture, uint64_t type);

/* Returns the end of the vector, where names and strings begin; 0: it is not there. */
uint64_t capture_auxv_end(struct capture *capture);

#endif
