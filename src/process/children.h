/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names the children of a process.
 */
#ifndef PROCESS_CHILDREN_H
#define PROCESS_CHILDREN_H

#include "process/inherited.h"

#define CHILDREN_TEXT 600

/* Stores "2 children, 1234 (name), 1235 (name)": those that run and were not inherited. Returns
 * false if there are none. */
bool children_describe(pid_t pid, const struct inherited *inherited, char ret[CHILDREN_TEXT]);

#endif
