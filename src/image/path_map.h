/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives the files that a start opens the paths that they have there.
 */
#ifndef IMAGE_PATH_MAP_H
#define IMAGE_PATH_MAP_H

#include "image/image.h"

struct path_map {
	const char *from; /* absolute; `length` bytes without a slash at their end */
	size_t length;
	const char *to;
};

/* Replaces the beginning `from` of paths that starts use by `to`: of open files, watched files,
 * shared mappings, sockets and the working directory. The first map that matches counts. Error:
 * ARGUMENT, if the path of a socket becomes too long. */
void image_map_paths(struct image *image, const struct path_map *maps, size_t count,
		     struct report *report);

#endif
