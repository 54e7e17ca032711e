/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The code that goes into dumps.
 */
#ifndef EMBEDDED_EMBEDDED_H
#define EMBEDDED_EMBEDDED_H

/* The restarter's code, position-independent; its first byte is its entry. */
extern const unsigned char restarter_blob_start[], restarter_blob_end[];


/* The code that stays in dumps (src/redirect), position-independent. */
extern const unsigned char redirect_blob_start[], redirect_blob_end[];

#endif
