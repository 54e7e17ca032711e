/* SPDX-License-Identifier: MIT
 *
 * Owner, mode and times of files that the dump makes.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>

#include "descriptors.h"

static struct __kernel_timespec time_of(uint64_t nanoseconds)
{
	const int64_t second = 1000000000;
	int64_t time = (int64_t)nanoseconds;
	int64_t seconds = time / second - (time % second < 0);

	return (struct __kernel_timespec){ seconds, time - seconds * second };
}

/* fchmod() does not take a descriptor with O_PATH. */
static long set_mode(int32_t number, uint64_t mode)
{
	long result = sys(__NR_fchmod, number, mode);
	char path[FD_LINK];

	if (result != -EBADF)
		return result;
	fd_link(path, number);
	return sys(__NR_fchmodat, AT_FDCWD, path, mode);
}

/* The owner comes first: to change it clears S_ISUID and S_ISGID. */
void restore_status(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct __kernel_timespec times[] = { time_of(file->status.accessed),
					     time_of(file->status.modified) };
	const char *name = plan_string(step->plan, file->path);

	if (sys(__NR_fchownat, file->number, "", file->status.user, file->status.group,
		AT_EMPTY_PATH))
		warn("the owner of a file cannot be set:", name);
	if (set_mode(file->number, file->status.mode))
		warn("the mode of a file cannot be set:", name);
	if (sys(__NR_utimensat, file->number, "", times, AT_EMPTY_PATH))
		warn("the times of a file cannot be set:", name);
}
