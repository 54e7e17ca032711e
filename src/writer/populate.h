/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chooses the pages that a start prefaults if the dump is not tuned.
 */
#ifndef WRITER_POPULATE_H
#define WRITER_POPULATE_H

#include "image/runs.h"

/* Stores in *sure pages that (nearly) each start writes, and in *rest the others that the process
 * had written, for starts on machines where a fault is much dearer than prefaulting a page. Both are
 * as image->prefault selects. Needs the image's fixups. */
void populate_choose(const struct image *image, struct runs *sure, struct runs *rest);

#endif
