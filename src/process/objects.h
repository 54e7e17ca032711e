/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objects of shared memory that have no name in a file system (shared anonymous memory,
 * memfds, System V segments, deleted files), each with its content and all its mappings. In a
 * dump each is one memfd.
 */
#ifndef PROCESS_OBJECTS_H
#define PROCESS_OBJECTS_H

#include <sys/stat.h>

#include "process/smaps.h"
#include "image/image.h"

struct process;

struct object_mapping {
	struct range range, whole; /* the latter: by which the kernel knows it */
	uint64_t offset; /* in the object */
	uint32_t prot, flags; /* as in struct region */
	bool excluded; /* the program does not want to have it in a dump */
};

struct object {
	struct object *next;
	uint64_t device, inode;
	bool segment; /* of System V, whose inodes are numbers of their own */
	bool known;   /* its content is in the store */
	bool huge, swapped;
	char *name;
	struct plan_file plan; /* PLAN_FD_MEMORY; with its size */
	unsigned seals;
	uint32_t map_kind; /* PLAN_FD_MAP; of what `files` makes otherwise: how it is mapped */
	uint64_t base; /* where its content is in the store, holes included */
	struct object_mapping *mappings;
	size_t mapping_count, mapping_room;
};

/* The objects of a process and one file for what all of them hold. */
struct objects {
	struct object *list, **end; /* end NULL: there is nothing of all this */
	int store;     /* a memfd */
	uint64_t size; /* of the store */
	struct object_piece *pieces; /* where the store's data is in the image */
	size_t piece_count, piece_room;
};

/* objects.c */

/* A new entry of the list, without content and mappings. `name`: as /proc shows it. */
struct object *objects_new(struct process *process, const char *name);

struct object *objects_find(const struct process *process, uint64_t device, uint64_t inode,
			    bool segment);

/* Adds one that has a descriptor, which `plan` says all of but the size. Its content is copied
 * from `fd`, whose offset is left alone; the name is that which /proc shows. */
struct object *objects_add(struct process *process, const struct plan_file *plan, int fd,
			   const char *name);

/* Adds a descriptor that has mappings, for plans of that kind; the rest is no matter of this. */
void objects_add_mapped(struct process *process, int number, const struct stat *status,
			uint32_t map_kind);

/* A mapping of one, which is new if it is not known; `excluded`: that is not to be in the dump. */
void objects_add_mapping(struct process *process, const struct smaps_entry *entry, bool excluded);

/* When all mappings are known: copies what others may change. */
void objects_copy(struct process *process);

/* When all regions are known: the plan for them, and a place in the image for their content. */
void objects_place(struct process *process);

/* Reads there: 1, or 0 for an address that is not of this, or -1 with errno. */
int objects_read(const struct process *process, uint64_t address, void *buffer, size_t length);

void objects_free(struct process *process);

#endif
