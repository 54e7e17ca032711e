/* SPDX-License-Identifier: MIT
 *
 * The program's policies for descriptors; and the copy's preparations that let the writer
 * examine all descriptors.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_syscall.h"
#include "state.h"

/* The list is memory of the program, so a dump preserves it. */
static struct policy {
	struct handoff_policy handoff; /* first: the writer reads this part */
	int (*fn)(void *, int);
	void *arg;
} *policies;

static struct policy *next_policy(const struct policy *policy)
{
	return (struct policy *)policy->handoff.next;
}

/* Returns the entry of that descriptor, a new one if it has none; NULL without memory. */
static struct policy *policy_of(int fd)
{
	struct policy *policy = policies;

	while (policy && policy->handoff.number != fd)
		policy = next_policy(policy);
	if (policy)
		return policy;
	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return NULL;
	policy->handoff.number = fd;
	policy->handoff.next = (uint64_t)policies;
	policies = policy;
	return policy;
}

int unexec_set_fd_policy(int fd, enum unexec_fd_policy fd_policy)
{
	struct policy *policy;

	if (fd <= STDERR_FILENO || fd_policy > UNEXEC_FD_HANGUP)
		return UNEXEC_INVALID;
	policy = policy_of(fd);
	if (!policy)
		return UNEXEC_NOMEM;
	policy->handoff.policy = fd_policy;
	return 0;
}

int unexec_set_fd_hook(int fd, int (*fn)(void *, int), void *arg)
{
	struct policy *policy;

	if (fd <= STDERR_FILENO || !fn)
		return UNEXEC_INVALID;
	policy = policy_of(fd);
	if (!policy)
		return UNEXEC_NOMEM;
	policy->fn = fn;
	policy->arg = arg;
	policy->handoff.policy = HANDOFF_FD_HOOK;
	return 0;
}

uint64_t policy_first(void)
{
	return (uint64_t)policies;
}

/* The new descriptor moves to the number, with its own FD_CLOEXEC. */
static void call_hook(const struct policy *policy)
{
	int number = policy->handoff.number, supplied = policy->fn(policy->arg, number);
	int flags;

	if (supplied < 0 || supplied == number)
		return;
	flags = fcntl(supplied, F_GETFD);
	dup3(supplied, number, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	close(supplied);
}

void policy_after_resume(void)
{
	for (struct policy *policy = policies; policy; policy = next_policy(policy))
		if (policy->handoff.policy == HANDOFF_FD_HOOK)
			call_hook(policy);
}

/* ---- In the copy: raw system calls only ------------------------------------------------- */

struct directory {
	int descriptor;
	long length, at;
	char bytes[2048];
};

struct directory_entry { /* linux/dirent.h: struct linux_dirent64 */
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Returns the next number in /proc/self/fd; -1 at the end. */
static long next_number(struct directory *directory)
{
	for (;;) {
		const struct directory_entry *entry;
		long number = 0;

		if (directory->at >= directory->length) {
			directory->at = 0;
			directory->length = sys(SYS_getdents64, directory->descriptor,
						directory->bytes, sizeof(directory->bytes));
			if (directory->length <= 0)
				return -1;
		}
		entry = (const struct directory_entry *)(directory->bytes + directory->at);
		directory->at += entry->length;
		if (entry->name[0] == '.')
			continue;
		for (const char *digit = entry->name; *digit; digit++)
			number = 10 * number + (*digit - '0');
		return number;
	}
}

static long visit_descriptors(void (*visit)(struct handoff *handoff, long number),
			struct handoff *handoff)
{
	struct directory directory = { .at = 0 };
	long number, last = -1;

	directory.descriptor = (int)sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
					O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (directory.descriptor < 0)
		return directory.descriptor;
	while ((number = next_number(&directory)) >= 0) {
		if (number == directory.descriptor)
			continue;
		if (visit)
			visit(handoff, number);
		last = number > last ? number : last;
	}
	sys(SYS_close, directory.descriptor);
	return last;
}

static void make_inheritable(struct handoff *handoff, long number)
{
	unsigned char *table = (unsigned char *)handoff->close_on_exec;

	/* The writer must not keep its answers' pipe open. */
	if (number == handoff->original_fds[0] || number == handoff->original_fds[1])
		return;
	table[number] = sys(SYS_fcntl, number, F_GETFD) & FD_CLOEXEC;
	if (table[number])
		sys(SYS_fcntl, number, F_SETFD, 0);
}

long policy_make_inheritable(struct handoff *handoff)
{
	long last = visit_descriptors(NULL, NULL), table;

	if (last < 0)
		return last;
	/* Not in the original: its mappings are the dump's. */
	table = sys(SYS_mmap, 0, last + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (sys_failed(table))
		return table;
	handoff->close_on_exec = (uint64_t)table;
	handoff->close_on_exec_count = (uint32_t)last + 1;
	last = visit_descriptors(make_inheritable, handoff);
	return last < 0 ? last : 0;
}
