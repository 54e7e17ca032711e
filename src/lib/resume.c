/* SPDX-License-Identifier: MIT
 *
 * The first work in a dump, which only libc's own functions can do. The restarter has restored
 * memory and the kernel's state; all signals are blocked.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch_entry.h"
#include "arch_syscall.h"
#include "arch_thread.h"
#include "park.h"
#include "state.h"

/* glibc's copy of the brk (misc/sbrk.c); other libcs have no such symbol. */
extern void *__curbrk __attribute__((weak));

/* A program that links the library exports main; in others, the code at the entry is
 * examined. */
extern int program_main(int, char **, char **) __asm__("main") __attribute__((weak));

static void take_arguments(const struct boot *boot)
{
	library.argc = (int)boot->argc;
	library.argv = (char **)boot->argv;
	library.envp = (char **)boot->envp;
}

void resume_note_addresses(struct handoff *handoff)
{
	handoff->environment = (uint64_t)&environ;
	handoff->name = (uint64_t)&program_invocation_name;
	handoff->short_name = (uint64_t)&program_invocation_short_name;
	handoff->brk_memory = (uint64_t)&__curbrk;
	handoff->first_stack = library.first_stack;
}

/* A start discards bytes that stdin has read ahead, and reads them again. */
void resume_note_input(struct handoff *handoff)
{
	int error = errno;
	off_t offset, of_stream;

	handoff->read_ahead = 0;
	if (!library.stdin_used || fileno_unlocked(stdin) != 0 || ftrylockfile(stdin))
		return;
	offset = lseek(0, 0, SEEK_CUR);
	of_stream = ftello(stdin);
	if (of_stream >= 0 && of_stream < offset)
		handoff->read_ahead = (uint64_t)(offset - of_stream);
#ifdef __GLIBC__
	if (offset < 0) /* a pipe */
		handoff->read_ahead = (uint64_t)(stdin->_IO_read_end - stdin->_IO_read_ptr);
#endif
	funlockfile(stdin);
	errno = error;
}

/* Streams and the time zone are examined before the dump. A start then touches libc's code
 * and data only where it must change something: each touched page costs about 1 µs. */

/* libc checks whether stdout is a terminal when it allocates the buffer; the start must
 * check again. A mode that libc would not have chosen was set by the program. */
static void note_output(FILE *stream, int number)
{
	struct noted_output *noted = &library.outputs[number];
	bool line_buffered = __flbf(stream) != 0;

	/* Without a buffer, or with one of a single byte, the stream is undecided or
	 * unbuffered. */
	noted->libcs_choice = __fbufsize(stream) > 1 && line_buffered == isatty(number);
	noted->line_buffered = line_buffered;
}

static void update_output(FILE *stream, int number)
{
	const struct noted_output *noted = &library.outputs[number];

	if (noted->libcs_choice && isatty(number) != noted->line_buffered) {
		size_t size = __fbufsize(stream);

		/* With a buffer, since glibc without one changes the mode but not how far
		 * putc() may write before it checks the mode (libio/iosetvbuf.c, 2.36). */
		setvbuf(stream, malloc(size), noted->line_buffered ? _IOFBF : _IOLBF, size);
	}
}

static void discard_input(void)
{
	if (library.stdin_used) {
		__fpurge(stdin);
		clearerr_unlocked(stdin);
	}
}

/* The value of TZ. */
static const char *find_zone(void)
{
	/* clearenv() makes it NULL. */
	for (char **envp = environ; envp && *envp; envp++)
		if (!strncmp(*envp, "TZ=", 3))
			return *envp + 3;
	return "";
}

static struct noted_zone read_zone(void)
{
	struct noted_zone zone;
	struct stat file;

	memset(&zone, 0, sizeof(zone));
	memset(&file, 0, sizeof(file));
	strncpy(zone.name, find_zone(), sizeof(zone.name));
	if (!zone.name[0] && !sys(SYS_newfstatat, AT_FDCWD, "/etc/localtime", &file, 0)) {
		zone.device = file.st_dev;
		zone.inode = file.st_ino;
		zone.changed = file.st_mtim;
	}
	return zone;
}

static void update_zone(void)
{
	struct noted_zone zone = read_zone();

	/* A truncated name may differ in the rest. */
	if (memcmp(&zone, &library.zone, sizeof(zone)) || zone.name[sizeof(zone.name) - 1])
		tzset();
}

/* A thread may hold a stream while it waits for input or for a reader. */
static void flush_if_free(FILE *stream)
{
	if (ftrylockfile(stream))
		return;
	fflush_unlocked(stream);
	funlockfile(stream);
}

void resume_prepare(bool others)
{
	int error = errno;

	if (others) {
		flush_if_free(stdout);
		flush_if_free(stderr);
	} else {
		fflush(NULL);
	}
	library.stdin_used = __fbufsize(stdin) || feof_unlocked(stdin) || ferror_unlocked(stdin);
	note_output(stdout, 1);
	note_output(stderr, 2);
	tzset();
	library.zone = read_zone();
	errno = error;
}

/* glibc's list of all streams (libio/libioP.h); other libcs have no such symbol. */
extern FILE *_IO_list_all __attribute__((weak));

void resume_flush_parked(void)
{
#ifdef __GLIBC__
	int error = errno;
	struct stat file;

	/* Only regular files: a pipe's reader may be parked. */
	for (FILE *stream = &_IO_list_all ? _IO_list_all : NULL; stream; stream = stream->_chain)
		if (__fpending(stream) && fileno_unlocked(stream) >= 0
		    && !fstat(fileno_unlocked(stream), &file) && S_ISREG(file.st_mode))
			flush_if_free(stream);
	errno = error;
#endif
}

void resume(void)
{
	struct boot *boot = &library.boot;

	park_await_all(boot);
	/* The restarter, its stack, and staged content of the file. */
	sys(SYS_munmap, boot->low_start, boot->low_end - boot->low_start);
	take_arguments(boot);
	filters_note();
	inherited_after_resume();
	library.handoff.slots = boot->slots;
	discard_input();
	park_let_go(boot);
	/* From here on, locks may be waited for: the threads that hold them run again. */
	update_output(stdout, 1);
	update_output(stderr, 2);
	update_zone();
	random_after_resume();
	policy_after_resume();
	hooks_after_resume();
}

int (*resume_find_main(void))(int, char **, char **)
{
	if (program_main)
		return program_main;
	return (int (*)(int, char **, char **))arch_find_main(getauxval(AT_ENTRY));
}

/* The frames of _start and of libc's start lie below argc and must be preserved: the end of
 * main's thread by pthread_exit() returns into them. They take a few hundred bytes. */
#define START_FRAMES (UINT64_C(4) << 10)

void resume_call(int (*fn)(int, char **, char **), bool stay)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);
	uint64_t top = library.first_stack && !stay ? library.first_stack - START_FRAMES : here;

	/* Resets getopt(), if it was used (glibc: 0 also resets its hidden state). */
	if (optind != 1)
		optind = 0;
	if (here > top && here < library.first_stack)
		top = here; /* the dump was made very near the top */
	arch_call_on_stack(top, fn, library.argc, library.argv, environ);
}
