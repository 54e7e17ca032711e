/* SPDX-License-Identifier: MIT
 *
 * The parts that several kinds of descriptors share: messages, numbers and flags.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "descriptors.h"

/* The flags that fcntl(F_SETFL) can set and that the calls that make descriptors may not
 * take. */
#define SETTABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

void fd_name_number(char text[32], int32_t number)
{
	static const char word[] = "descriptor ";
	char digits[12];
	size_t at = sizeof(digits);

	digits[--at] = 0;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(text, word, sizeof(word) - 1);
	memcpy(text + sizeof(word) - 1, digits + at, sizeof(digits) - at);
}

void fd_link(char path[FD_LINK], int32_t number)
{
	static const char directory[] = "/proc/self/fd/";
	char name[32];

	fd_name_number(name, number);
	memcpy(path, directory, sizeof(directory) - 1);
	memcpy(path + sizeof(directory) - 1, name + sizeof("descriptor"), 12);
}

void fd_give_up(const struct fd_step *step, const char *what, long error)
{
	const char *path = plan_string(step->plan, step->file->path);
	char number[32];

	if (*path)
		fail(what, path, error);
	if (plan_is_object(step->file->kind))
		fail(what, "shared memory", error);
	fd_name_number(number, step->file->number);
	fail(what, number, error);
}

long fd_must(const struct fd_step *step, const char *what, long result)
{
	if (sys_failed(result))
		fd_give_up(step, what, result);
	return result;
}

const char *fd_data(const struct fd_step *step)
{
	return plan_string(step->plan, step->file->data);
}

int fd_is_closed(long result, int32_t number)
{
	return result == -EBADF && sys(__NR_fcntl, number, F_GETFD) == -EBADF;
}

void fd_place(const struct fd_step *step, long descriptor, int32_t number, uint32_t flags)
{
	long result;

	if (descriptor == number)
		return;
	result = sys(__NR_dup3, descriptor, number, flags & O_CLOEXEC);
	/* Before any message: if standard error is closed, the old number may be 2. */
	sys(__NR_close, descriptor);
	fd_must(step, "renumber", result);
}

void fd_set_flags(const struct fd_step *step, int32_t number, uint32_t flags)
{
	if (flags & SETTABLE)
		fd_must(step, "set the flags of",
			sys(__NR_fcntl, number, F_SETFL, flags & (SETTABLE | O_ACCMODE)));
}

void fd_set_offset(const struct fd_step *step, int32_t number)
{
	if (step->file->offset != PLAN_NO_OFFSET)
		fd_must(step, "restore the position of",
			sys(__NR_lseek, number, step->file->offset, 0 /* SEEK_SET */));
}

void fd_settle(const struct fd_step *step, long descriptor)
{
	const struct plan_file *file = step->file;

	fd_must(step, "recreate", descriptor);
	fd_place(step, descriptor, file->number, file->flags);
	fd_set_flags(step, file->number, file->flags);
}

void fd_settle_pair(const struct fd_step *step, int first, int second)
{
	const struct plan_file *file = step->file;

	/* The second has the first's number, and moves to any other. */
	if (second == file->number) {
		int old = second;

		second = (int)fd_must(step, "recreate",
				      sys(__NR_fcntl, old, F_DUPFD_CLOEXEC, 0));
		sys(__NR_close, old);
	}
	fd_place(step, first, file->number, file->flags);
	if (first == file->number && !(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, first, F_SETFD, 0);
	fd_set_flags(step, file->number, file->flags);
	if (!file->other) {
		sys(__NR_close, second);
		return;
	}
	fd_place(step, second, file->other, file->other_flags);
	if (second == file->other && !(file->other_flags & O_CLOEXEC))
		sys(__NR_fcntl, second, F_SETFD, 0);
	fd_set_flags(step, file->other, file->other_flags);
}
