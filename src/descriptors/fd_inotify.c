/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * inotify. fdinfo lists watches by file handle. Only a privileged process can turn a handle
 * into a path; others can preserve only a descriptor without watches.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "process/proc_files.h"
#include "descriptors/fdinfo.h"
#include "base/xalloc.h"

struct notified {
	unsigned watch, device, mask, length;
	unsigned long inode;
	struct file_handle *handle;
};

/* "inotify wd:1 ino:3c51a sdev:fe00000 mask:2 ignored_mask:0 fhandle-bytes:8 fhandle-type:1
 * f_handle:1ac5030000000000" */
static int parse_watch_line(const char *line, struct notified *ret)
{
	unsigned type;
	int at = 0;

	if (sscanf(line, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:%*x "
			 "fhandle-bytes:%x fhandle-type:%x f_handle:%n", &ret->watch,
		   &ret->inode, &ret->device, &ret->mask, &ret->length, &type, &at) != 6
	    || !at || ret->length > MAX_HANDLE_SZ || strlen(line + at) < 2 * ret->length)
		return -1;
	ret->handle = xcalloc(1, sizeof(*ret->handle) + ret->length);
	ret->handle->handle_bytes = ret->length;
	ret->handle->handle_type = (int)type;
	for (unsigned i = 0; i < ret->length; i++) {
		unsigned byte = 0;

		sscanf(line + at + 2 * (size_t)i, "%2x", &byte);
		ret->handle->f_handle[i] = (unsigned char)byte;
	}
	return 0;
}

/* Opens a directory of the file system with that number, which is in the kernel's own form. (In
 * a chroot, the list of mounts may lack that of the root.) */
static int open_mount(unsigned device)
{
	struct stat root;
	FILE *stream = fopen("/proc/self/mountinfo", "re");
	unsigned major_number, minor_number;
	char *line = NULL, point[4096];
	size_t room = 0;
	int mount = -1;

	if (!stat("/", &root) && (major(root.st_dev) << 20 | minor(root.st_dev)) == device)
		mount = open("/", O_RDONLY | O_CLOEXEC);
	while (stream && mount < 0 && getline(&line, &room, stream) > 0)
		if (sscanf(line, "%*d %*d %u:%u %*s %4095s", &major_number, &minor_number,
			   point) == 3
		    && (major_number << 20 | minor_number) == device)
			mount = open(point, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(line);
	if (stream)
		fclose(stream);
	return mount;
}

static char *find_path(const struct notified *notified)
{
	int mount = open_mount(notified->device), file = -1;
	char name[40], *path = NULL;
	struct stat there;

	if (mount >= 0)
		file = open_by_handle_at(mount, notified->handle, O_PATH | O_CLOEXEC);
	if (file >= 0) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
		path = process_readlink(AT_FDCWD, name);
		close(file);
	}
	if (mount >= 0)
		close(mount);
	if (path && (stat(path, &there) || there.st_ino != notified->inode)) {
		free(path);
		return NULL;
	}
	return path;
}

static int by_watch(const void *a, const void *b)
{
	const struct notified *x = a, *y = b;

	return (x->watch > y->watch) - (x->watch < y->watch);
}

/* Reads all watches, sorted by number, since the kernel only counts up. -1 for a line that is
 * not understood. */
static int read_watches(const char *info, struct notified **ret_list, size_t *ret_count)
{
	struct notified *list = NULL;
	size_t count = 0, room = 0;
	int failed = 0;

	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "inotify ", 8))
			continue;
		xgrow(list, count, room);
		failed = parse_watch_line(line, &list[count]);
		if (failed)
			break;
		count++;
	}
	if (count)
		qsort(list, count, sizeof(*list), by_watch);
	*ret_list = list;
	*ret_count = count;
	return failed;
}

static int find_paths(const struct notified *list, char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		paths[i] = find_path(&list[i]);
		if (!paths[i])
			return -1;
	}
	return 0;
}

static void add_watches(struct descriptors *all, const struct descriptor *descriptor,
			const struct notified *list, char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_NOTIFY);

		plan.notify.mask = list[i].mask;
		plan.notify.watch = list[i].watch;
		image_add_file(all->process->capture.image, &plan, paths[i], NULL);
	}
}

const char *descriptor_add_inotify(struct descriptors *all, struct descriptor *descriptor)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_INOTIFY);
	char *info = fdinfo_read(all->process, all->process->handoff.fds.proc,
				     descriptor->number);
	struct notified *list = NULL;
	size_t count = 0;
	char **paths;
	int available = 0, failed = read_watches(info, &list, &count);

	paths = xcalloc(count + 1, sizeof(*paths));
	failed = failed || find_paths(list, paths, count);
	if (!failed)
		add_watches(all, descriptor, list, paths, count);
	for (size_t i = 0; i < count; i++) {
		free(list[i].handle);
		free(paths[i]);
	}
	free(list);
	free(paths);
	free(info);
	if (failed)
		return "an inotify descriptor whose watches only a privileged process can "
		       "resolve";
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
	if (!ioctl(descriptor->fd, FIONREAD, &available) && available)
		descriptor_warn(all, descriptor,
				"events that were not read are not in the dump");
	return NULL;
}
