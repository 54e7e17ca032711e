/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the content of a large private mapping of a file that has holes: the file's data, and in its
 * holes the pages that the process has written to.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/file_holes.h"
#include "process/pagemap.h"

static bool is_file_of(const struct smaps_entry *entry, const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_ino == entry->inode
	       && status->st_dev == entry->device_number;
}

/* Opens the mapped file by its name, or through the kernel's link if that is permitted. */
static int open_mapped(const struct process *process, const struct smaps_entry *entry)
{
	char link[64];
	struct stat status;
	int fd;

	snprintf(link, sizeof(link), "map_files/%" PRIx64 "-%" PRIx64, entry->whole.start,
		 entry->whole.end);
	fd = openat(process->handoff.fds.proc, link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && !stat(entry->name, &status) && is_file_of(entry, &status))
		fd = open(entry->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || (!fstat(fd, &status) && is_file_of(entry, &status)))
		return fd;
	close(fd);
	return -1;
}

/* The next data at or after `at`, as a range of pages in the file; empty at `end` if there is none.
 * 0, or -1 with errno. */
static int next_data(int fd, uint64_t at, uint64_t end, uint64_t page, struct range *ret)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;

	*ret = (struct range){ end, end };
	if (data < 0)
		return errno == ENXIO ? 0 : -1;
	hole = lseek(fd, data, SEEK_HOLE);
	if (hole < 0)
		return -1;
	ret->start = align_down((uint64_t)data, page);
	ret->end = align_up((uint64_t)hole, page);
	if (ret->start > end)
		ret->start = end;
	if (ret->end > end)
		ret->end = end;
	return 0;
}

static int add_data(const struct process *process, int fd, const struct smaps_entry *entry,
		    struct region *region)
{
	uint64_t page = process->capture.image->page_size;
	uint64_t at = entry->offset, end = at + range_length(entry->range);
	uint64_t distance = entry->range.start - entry->offset;
	struct range data;

	for (; at < end; at = data.end) {
		if (next_data(fd, at, end, page, &data))
			return -1;
		if (at < data.start
		    && pagemap_add_data(process->handoff.fds.pagemap,
					(struct range){ at + distance, data.start + distance },
					(uint32_t)page, region))
			return -1;
		if (data.start < data.end)
			region_add_data(region, (struct range){ data.start + distance,
								data.end + distance });
	}
	return 0;
}

int file_holes_add_data(const struct process *process, const struct smaps_entry *entry,
			struct region *region)
{
	int fd = open_mapped(process, entry), failed;

	if (fd < 0)
		return -1;
	failed = add_data(process, fd, entry, region);
	close(fd);
	if (failed)
		region->data_count = 0;
	return failed;
}
