/* SPDX-License-Identifier: MIT
 *
 * The descriptors that the process has been started with. They are the starter's: a dump has
 * those that its own starter leaves open. In a program, they are what is open when the dynamic
 * linker loads the library along with it; in a dump, what it does not restore itself.
 */
#define _GNU_SOURCE
#include <link.h>
#include <poll.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "state.h"

#define FIRST (STDERR_FILENO + 1)
#define NUMBERS 256 /* descriptors from this number on count as the program's own */
#define MOST 64

static struct handoff_inherited inherited[MOST];
static uint32_t count;
static bool own[NUMBERS]; /* those that the program itself had open at the dump */
static uint64_t start_mark; /* of the start in which `inherited` was listed */

/* A few bytes that are different in each start, and the same in a child. */
static uint64_t this_start(void)
{
	uint64_t mark;

	memcpy(&mark, (const void *)getauxval(AT_RANDOM), sizeof(mark));
	return mark;
}

/* Finds out which descriptors are open, with one system call, since it delays each start. */
static void find_open(bool ret_open[NUMBERS])
{
	struct pollfd polled[NUMBERS - FIRST];
	const struct timespec no_time = { 0, 0 };
	long files = sysconf(_SC_OPEN_MAX); /* more are an error */
	size_t most = files < 0 || files > NUMBERS - FIRST ? NUMBERS - FIRST : (size_t)files;
	bool failed;

	for (int i = 0; i < NUMBERS - FIRST; i++)
		polled[i] = (struct pollfd){ .fd = FIRST + i };
	failed = sys_failed(sys(SYS_ppoll, polled, most, &no_time, NULL, 0));
	memset(ret_open, 0, NUMBERS * sizeof(*ret_open));
	for (size_t i = 0; i < most && !failed; i++)
		ret_open[FIRST + i] = !(polled[i].revents & POLLNVAL);
}

/* Kernel objects without a type share one inode: an eventfd, an epoll set. */
static void list_inherited(void)
{
	bool open[NUMBERS];
	struct stat status;

	find_open(open);
	count = 0;
	for (int number = FIRST; number < NUMBERS && count < MOST; number++)
		if (open[number] && !own[number] && !fstat(number, &status)
		    && (status.st_mode & S_IFMT))
			inherited[count++] = (struct handoff_inherited){
				.number = number, .device = status.st_dev, .inode = status.st_ino
			};
	start_mark = this_start();
}

/* ---- Before main ------------------------------------------------------------------------ */

struct search {
	size_t index;
	bool early;
};

static bool contains(const struct dl_phdr_info *info, uint64_t address)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD
		    && address - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr
			       < info->dlpi_phdr[i].p_memsz)
			return true;
	return false;
}

/* Objects that dlopen() loads come after the dynamic linker in the list. */
static int look_for_us(struct dl_phdr_info *info, size_t size, void *context)
{
	struct search *search = context;

	(void)size;
	search->early = contains(info, (uint64_t)inherited);
	return search->early || info->dlpi_addr == getauxval(AT_BASE)
	       || (search->index++ == 0 && !getauxval(AT_BASE));
}

/* Has main not been called yet? If that cannot be told, all descriptors are the program's. */
__attribute__((constructor)) static void note_inherited(void)
{
	struct search search = { 0, false };

	dl_iterate_phdr(look_for_us, &search);
	if (search.early)
		list_inherited();
}

/* ---- Dumps ------------------------------------------------------------------------------ */

/* The program may have closed it, and have another file of that number. */
static bool is_still_there(const struct handoff_inherited *descriptor)
{
	struct stat status;

	return !fstat(descriptor->number, &status) && status.st_dev == descriptor->device
	       && status.st_ino == descriptor->inode;
}

void inherited_prepare(struct handoff *handoff)
{
	if (start_mark != this_start())
		count = 0; /* this is a dump that the library has not made */
	find_open(own);
	if (handoff->reset_as_exec) /* the dump restores none */
		memset(own, 0, sizeof(own));
	for (uint32_t i = 0; i < count; i++)
		if (is_still_there(&inherited[i]))
			own[inherited[i].number] = false;
	handoff->inherited = (uint64_t)inherited;
	handoff->inherited_count = count;
}

void inherited_after_resume(void)
{
	list_inherited();
}
