/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives the files that a start opens the paths that they have there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/report.h"
#include "base/xalloc.h"
#include "image/path_map.h"

struct mapping {
	const struct path_map *maps;
	size_t count;
	struct report *report;
};

/* Returns the new path, which the caller frees; NULL: it stays. */
static char *map_path(const struct mapping *mapping, const char *path)
{
	for (size_t i = 0; i < mapping->count; i++) {
		const struct path_map *map = &mapping->maps[i];
		const char *rest = path + map->length;

		if (!strncmp(path, map->from, map->length) && (!*rest || *rest == '/'))
			return *rest || *map->to ? xasprintf("%s%s", map->to, rest) : xstrdup("/");
	}
	return NULL;
}

static void map_string(const struct mapping *mapping, char **string)
{
	char *path = *string && **string == '/' ? map_path(mapping, *string) : NULL;

	if (!path)
		return;
	free(*string);
	*string = path;
}

/* The data is the path of a directory, with its NUL. */
static void map_directory_data(const struct mapping *mapping, struct image_file *file)
{
	char *path = file->data;

	map_string(mapping, &path);
	if (path != file->data)
		file->plan.length = (uint32_t)strlen(path) + 1;
	file->data = path;
}

/* The data is the address of a socket. */
static void map_address(const struct mapping *mapping, struct image_file *file)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_un address = { 0 };
	char *path;

	if (!file->data || file->plan.length > sizeof(address))
		return;
	memcpy(&address, file->data, file->plan.length);
	if (address.sun_family != AF_UNIX || address.sun_path[0] != '/')
		return;
	path = strndup(address.sun_path, sizeof(address.sun_path));
	map_string(mapping, &path);
	if (strlen(path) >= sizeof(address.sun_path)) {
		report_error(mapping->report, ARGUMENT, "the path of a socket becomes too long: %s",
			     path);
	} else {
		memset(address.sun_path, 0, sizeof(address.sun_path));
		memcpy(address.sun_path, path, strlen(path));
		free(file->data);
		file->plan.length = (uint32_t)(head + strlen(path) + 1);
		file->data = xmemdup(&address, file->plan.length);
		free(file->path);
		file->path = xstrdup(path);
	}
	free(path);
}

static void map_file(const struct mapping *mapping, struct image_file *file)
{
	switch (file->plan.kind) {
	case PLAN_FD_OPEN:
	case PLAN_FD_OPEN_ANY:
	case PLAN_FD_CHECK:
	case PLAN_FD_INPUT:
	case PLAN_FD_NOTIFY:
	case PLAN_FD_LOCK:
		map_string(mapping, &file->path);
		break;
	case PLAN_FD_DIRECTORY:
	case PLAN_FD_UNNAMED:
		map_directory_data(mapping, file);
		break;
	case PLAN_FD_BIND:
	case PLAN_FD_BIND_GONE:
	case PLAN_FD_CONNECT:
	case PLAN_FD_CONNECTION:
	case PLAN_FD_PENDING:
		map_address(mapping, file);
		break;
	}
}

void image_map_paths(struct image *image, const struct path_map *maps, size_t count,
		     struct report *report)
{
	const struct mapping mapping = { maps, count, report };

	for (size_t i = 0; i < image->file_count; i++)
		map_file(&mapping, &image->files[i]);
	for (size_t i = 0; i < image->region_count; i++) {
		struct region *region = &image->regions[i];
		char *path = region->flags & REGION_REOPEN ? map_path(&mapping, region->name) : NULL;

		if (path)
			region_set_name(region, path);
		free(path);
	}
	map_string(&mapping, &image->directory);
}
