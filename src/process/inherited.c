/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a process has been started with.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/task.h"
#include "base/xalloc.h"
#include "process/children_list.h"
#include "process/inherited.h"

/* Kernel objects without a type share one inode. */
static void list_inherited_descriptors(struct inherited *inherited)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	size_t room = 0;

	while (list && (entry = readdir(list))) {
		int number = atoi(entry->d_name);
		struct stat status;

		if (number <= STDERR_FILENO || fcntl(number, F_GETFD) & FD_CLOEXEC
		    || fstat(number, &status) || !(status.st_mode & S_IFMT))
			continue;
		xgrow(inherited->descriptors, inherited->descriptor_count, room);
		inherited->descriptors[inherited->descriptor_count++] = (struct handoff_inherited){
			.number = number, .device = status.st_dev, .inode = status.st_ino
		};
	}
	if (list)
		closedir(list);
}

static void add_inherited_child(void *context, pid_t child)
{
	struct inherited *inherited = context;

	inherited->children = xrealloc(inherited->children, (inherited->child_count + 1)
				       * sizeof(*inherited->children));
	inherited->children[inherited->child_count++] = (struct handoff_child){
		.pid = child, .start = task_start(child)
	};
}

void inherited_list(struct inherited *ret)
{
	int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct inherited){ NULL, 0, NULL, 0 };
	list_inherited_descriptors(ret);
	if (self < 0)
		return;
	children_list(self, add_inherited_child, ret);
	close(self);
}

void inherited_close(const struct inherited *inherited)
{
	for (size_t i = 0; i < inherited->descriptor_count; i++)
		close(inherited->descriptors[i].number);
}

struct inherited inherited_copy(const struct inherited *inherited)
{
	struct inherited copy = *inherited;

	copy.descriptors = xmemdup(copy.descriptors,
				   copy.descriptor_count * sizeof(*copy.descriptors));
	copy.children = xmemdup(copy.children, copy.child_count * sizeof(*copy.children));
	return copy;
}

void inherited_free(struct inherited *inherited)
{
	free(inherited->descriptors);
	free(inherited->children);
}

bool inherited_has_descriptor(const struct inherited *inherited, int number,
			      const struct stat *status)
{
	for (size_t i = 0; i < inherited->descriptor_count; i++) {
		const struct handoff_inherited *descriptor = &inherited->descriptors[i];

		if (descriptor->number == number)
			return descriptor->device == status->st_dev
			       && descriptor->inode == status->st_ino;
	}
	return false;
}

bool inherited_has_child(const struct inherited *inherited, pid_t child)
{
	for (size_t i = 0; i < inherited->child_count; i++)
		if (inherited->children[i].pid == child)
			return inherited->children[i].start == task_start(child);
	return false;
}
