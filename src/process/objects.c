/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of objects of shared memory. objects_copy.c copies their content, objects_place.c finds
 * a place for it in the image.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "process/process.h"

struct object *objects_find(const struct process *process, uint64_t device, uint64_t inode,
			    bool segment)
{
	for (struct object *object = process->objects.list; object; object = object->next)
		if (object->device == device && object->inode == inode
		    && object->segment == segment)
			return object;
	return NULL;
}

/* The name that memfd_create was given, or the path of a file, from the name that /proc shows. The
 * caller frees it. */
static char *object_name(const char *shown)
{
	static const char before[] = "/memfd:";
	char *name;

	if (path_begins(shown, before))
		shown += sizeof(before) - 1;
	name = xstrdup(shown);
	name[path_length(name)] = 0;
	return name;
}

struct object *objects_new(struct process *process, const char *name)
{
	struct objects *objects = &process->objects;
	struct object *object = xcalloc(1, sizeof(*object));

	if (!objects->end) {
		signal(SIGXFSZ, SIG_IGN); /* EFBIG has a message */
		objects->end = &objects->list;
		objects->files.fd = -1;
		objects->memory.fd = memfd_create("unexec", MFD_CLOEXEC);
		if (objects->memory.fd < 0)
			report_errno(process->report, READ, "cannot copy shared memory");
	}
	*objects->end = object;
	objects->end = &object->next;
	object->name = object_name(name);
	object->plan = (struct plan_file){ .kind = PLAN_FD_MEMORY, .offset = PLAN_NO_OFFSET };
	object->map_kind = PLAN_FD_MAP;
	object->store = &objects->memory;
	return object;
}

void objects_add_mapped(struct process *process, int number, const struct stat *status,
			uint32_t map_kind)
{
	struct object *object = objects_new(process, "");

	object->device = status->st_dev;
	object->inode = status->st_ino;
	object->plan.number = number;
	object->map_kind = map_kind;
	object->known = true;
}

/* Mappings show another device than stat() in btrfs, and in overlayfs before 6.8. */
static struct object *find_deleted_file(const struct process *process,
					const struct smaps_entry *entry)
{
	struct object *object = process->objects.list;
	size_t length = path_length(entry->name);

	for (; object; object = object->next)
		if (object->plan.kind == PLAN_FD_UNNAMED && object->inode == entry->inode
		    && strlen(object->name) == length
		    && !strncmp(object->name, entry->name, length))
			return object;
	return NULL;
}

static void warn_shared_memory(struct process *process, const struct object *object,
			       const struct smaps_entry *entry)
{
	report_add(process->report, UNEXEC_WARNING, UNEXEC_CODE_SHARED, 0, entry->range.start,
		   entry->range.end, "%s: %s at %#" PRIx64 "-%#" PRIx64,
		   object->segment ? "shared memory becomes private to the dump, where "
				     "shmdt() cannot detach it"
				   : "shared memory becomes private to the dump",
		   entry->name, entry->range.start, entry->range.end);
}

void objects_add_mapping(struct process *process, const struct smaps_entry *entry, bool excluded)
{
	bool segment = !strncmp(entry->name, "/SYSV", 5);
	struct object *object = objects_find(process, entry->device_number, entry->inode,
					     segment);

	if (!object)
		object = find_deleted_file(process, entry);
	if (!object) {
		object = objects_new(process, entry->name);
		object->device = entry->device_number;
		object->inode = entry->inode;
		object->segment = segment;
		warn_shared_memory(process, object, entry);
	}
	object->huge |= entry->huge;
	object->swapped |= entry->swapped > 0;
	xgrow(object->mappings, object->mapping_count, object->mapping_room);
	object->mappings[object->mapping_count++] = (struct object_mapping){
		entry->range, entry->whole, entry->offset, entry->prot, entry->flags, excluded
	};
}

void objects_free(struct process *process)
{
	struct objects *objects = &process->objects;

	while (objects->list) {
		struct object *object = objects->list;

		objects->list = object->next;
		free(object->name);
		free(object->mappings);
		free(object);
	}
	if (objects->end && objects->memory.fd >= 0)
		close(objects->memory.fd);
	if (objects->end && objects->files.fd >= 0)
		close(objects->files.fd);
	free(objects->pieces);
}
