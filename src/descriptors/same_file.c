/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds descriptors that share an open file. The kernel reports it by fcntl(F_DUPFD_QUERY),
 * since 6.10, or by kcmp, which some seccomp filters reject, but which also gives an order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "base/xalloc.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif

/* 0: the same; 1, 2: less, greater; -1: not permitted. */
static long kcmp_files(int a, int b)
{
	pid_t pid = getpid();

	return syscall(SYS_kcmp, pid, pid, KCMP_FILE, a, b);
}

/* 1, 0, or -1: unknown. */
static int is_same_file(int a, int b)
{
	int same = fcntl(a, F_DUPFD_QUERY, b);
	long order;

	if (same >= 0)
		return same;
	order = kcmp_files(a, b);
	return order < 0 ? -1 : order == 0;
}

/* Compares what is equal in all descriptors of one open file. */
static int by_kind(const struct descriptor *a, const struct descriptor *b)
{
#define COMPARE(x) \
	if (a->x != b->x) \
		return a->x < b->x ? -1 : 1
	COMPARE(status.st_dev);
	COMPARE(status.st_ino);
	COMPARE(status.st_rdev);
#undef COMPARE
	return (int)(a->flags & O_ACCMODE) - (int)(b->flags & O_ACCMODE);
}

/* Duplicates are made of the starter's, if there are any, else of the lowest number. */
static int by_precedence(const struct descriptor *x, const struct descriptor *y)
{
	bool starters = descriptor_is_starters(x);

	if (starters != descriptor_is_starters(y))
		return starters ? -1 : 1;
	return x->number - y->number;
}

static int by_file(const void *a, const void *b)
{
	const struct descriptor *x = *(struct descriptor *const *)a;
	const struct descriptor *y = *(struct descriptor *const *)b;
	int order = by_kind(x, y);
	long files;

	if (order)
		return order;
	files = kcmp_files(x->fd, y->fd);
	if (files == 1 || files == 2)
		return files == 1 ? -1 : 1;
	return by_precedence(x, y);
}

static int by_pointed_precedence(const void *a, const void *b)
{
	return by_precedence(*(struct descriptor *const *)a, *(struct descriptor *const *)b);
}

/* Descriptors that cannot be compared count as separate, with a warning if they look alike. */
static bool guess_separate(struct descriptors *all, const struct descriptor *a,
			   const struct descriptor *b)
{
	if (S_ISREG(a->status.st_mode) && a->flags == b->flags
	    && lseek(a->fd, 0, SEEK_CUR) == lseek(b->fd, 0, SEEK_CUR))
		descriptor_warn(all, b, "may share an open file with another descriptor, which "
					"the kernel does not report; in the dump it does not");
	return false;
}

/* Finds an earlier descriptor of the same file in a run of those that can be the same. */
static void find_first(struct descriptors *all, struct descriptor **run, size_t count)
{
	struct descriptor *last = run[count];
	int same;

	for (size_t i = 0; i < count; i++) {
		if (run[i]->same != run[i])
			continue;
		same = is_same_file(run[i]->fd, last->fd);
		if (same < 0 ? guess_separate(all, run[i], last) : same) {
			last->same = run[i];
			return;
		}
	}
}

/* Has kcmp sorted them, so that only neighbours can be the same? Sets ->same if so. */
static bool find_neighbours(struct descriptor **run, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		long order = kcmp_files(run[i - 1]->fd, run[i]->fd);

		if (order != 0 && order != 1)
			return false;
		run[i]->same = order ? run[i] : run[i - 1]->same;
	}
	return true;
}

static void find_in_run(struct descriptors *all, struct descriptor **run, size_t count)
{
	if (count == 1 || find_neighbours(run, count))
		return;
	qsort(run, count, sizeof(*run), by_pointed_precedence);
	for (size_t i = 0; i < count; i++)
		run[i]->same = run[i];
	for (size_t i = 1; i < count; i++)
		find_first(all, run, i);
}

void descriptors_find_same(struct descriptors *all)
{
	struct descriptor **sorted = xcalloc(all->count + 1, sizeof(struct descriptor *));
	size_t count = 0, run;

	for (size_t i = 0; i < all->count; i++) {
		all->list[i].same = &all->list[i];
		if (!all->list[i].settled)
			sorted[count++] = &all->list[i];
	}
	if (count)
		qsort(sorted, count, sizeof(*sorted), by_file);
	for (size_t i = 0; i < count; i += run) {
		for (run = 1; i + run < count && !by_kind(sorted[i], sorted[i + run]);)
			run++;
		find_in_run(all, sorted + i, run);
	}
	free(sorted);
}
