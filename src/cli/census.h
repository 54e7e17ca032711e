/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints the census (shared/census.h).
 */
#ifndef CLI_CENSUS_H
#define CLI_CENSUS_H

/* `unexec @census`: prints all entries, one a line: group, name, from, start, text, seen, test,
 * with | between them. Returns CLI_OK. */
int census_list(void);

/* Prints all entries for readers, by group. */
void census_print(void);

/* Prints a note for everything that each start resets. */
void census_note_resets(const char *subject);

#endif
