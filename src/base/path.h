/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths of mapped files, in the form that /proc and cores have.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The kernel appends this if the file has no name any more (fs/d_path.c). */
#define PATH_DELETED " (deleted)"

static inline bool path_begins(const char *path, const char *prefix)
{
	return !strncmp(path, prefix, strlen(prefix));
}

static inline bool path_is_deleted(const char *path)
{
	size_t length = strlen(path), suffix = sizeof(PATH_DELETED) - 1;

	return length >= suffix && !strcmp(path + length - suffix, PATH_DELETED);
}

/* The length without that suffix. */
static inline size_t path_length(const char *path)
{
	return strlen(path) - (path_is_deleted(path) ? sizeof(PATH_DELETED) - 1 : 0);
}

/* The length of its directory's path: 1 for a file in the root directory. */
static inline size_t path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? (size_t)(slash - path) : 1;
}

#endif
