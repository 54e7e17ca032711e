/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON of the verbs. Addresses, masks and flags are strings ("0x…"), since many JSON readers do
 * not keep 64 bits of a number; sizes are numbers of bytes. A name that is not UTF-8 has \xNN for
 * its bytes, as in the text view.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>

#include "image/image.h"

/* Before any value is made. */
void json_begin(void);
/* Prints the value on standard output, and frees it. 0, or -1 after a message that names `path`. */
int json_print(json_t *json, const char *path);

json_t *name_json(const char *name);
json_t *hex_json(uint64_t value);
json_t *region_json(const struct region *region);

#endif
