/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Objects of shared memory that have no name in a file system (shared anonymous memory, memfds,
 * System V segments, deleted files), each with its content and all its mappings. Each is one
 * memfd in a dump, or a file without a name.
 */
#ifndef PROCESS_OBJECTS_H
#define PROCESS_OBJECTS_H

#include <sys/stat.h>

#include "process/smaps.h"
#include "image/image.h"

struct process;

struct object_mapping {
	struct range range, whole; /* `whole`: the mapping as the kernel lists it */
	uint64_t offset; /* in the object */
	uint32_t prot, flags; /* as in struct region */
	bool excluded; /* the program excluded it from dumps */
};

struct object {
	struct object *next;
	uint64_t device, inode;
	bool segment; /* of System V; its inode number has a namespace of its own */
	bool known;   /* the store has its content */
	bool huge, swapped;
	char *name;
	struct plan_file plan; /* PLAN_FD_MEMORY or PLAN_FD_UNNAMED, with its size */
	unsigned seals;
	uint32_t map_kind; /* PLAN_FD_MAP; for a descriptor that another entry makes: the
			    * kind that maps it */
	struct object_store *store;
	uint64_t base; /* offset of its content in the store, holes included */
	struct object_mapping *mappings;
	size_t mapping_count, mapping_room;
};

/* A file that stores the content of several objects. */
struct object_store {
	int fd;
	uint64_t size;
};

/* The objects of a process. */
struct objects {
	struct object *list, **end; /* end NULL: nothing is initialised, and there are no
				     * objects */
	struct object_store memory; /* a memfd */
	struct object_store files;  /* for deleted files, on the disk; fd -1: none yet */
	struct object_piece *pieces; /* addresses in the image of the store's data */
	size_t piece_count, piece_room;
};

/* objects.c */

/* A new entry of the list, without content and mappings. `name`: as /proc shows it. */
struct object *objects_new(struct process *process, const char *name);

struct object *objects_find(const struct process *process, uint64_t device, uint64_t inode,
			    bool segment);

/* Adds an object that has a descriptor, whose entry is `plan` except for the size. Copies the
 * content from `fd` without moving its offset. `name`: as /proc shows it. */
struct object *objects_add(struct process *process, const struct plan_file *plan, int fd,
			   const char *name);

/* Adds a descriptor whose mappings entries of kind `map_kind` make. Its content is handled
 * elsewhere. */
void objects_add_mapped(struct process *process, int number, const struct stat *status,
			uint32_t map_kind);

/* Adds a mapping, and its object if that is new. `excluded`: the dump does not get the
 * content. */
void objects_add_mapping(struct process *process, const struct smaps_entry *entry, bool excluded);

/* Call when all mappings are known. Copies the content that others may change. */
void objects_copy(struct process *process);

/* Call when all regions are known. Adds the entries for the objects, and finds addresses in the
 * image for their content. */
void objects_place(struct process *process);

/* Reads content by its address in the image: 1; 0 if the address is of no object; -1 with
 * errno. */
int objects_read(const struct process *process, uint64_t address, void *buffer, size_t length);

void objects_free(struct process *process);

#endif
