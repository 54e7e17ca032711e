/* SPDX-License-Identifier: MIT
 *
 * Random generators in libraries. All starts of a dump would share their state. Generators that
 * detect a fork by the process ID fail if another process has the same ID, such as the first
 * processes of two containers.
 *
 * OpenSSL (and other libraries with RAND_add): added bytes go to the generator that seeds the
 * generators of the threads. These notice it by a counter before they return the next byte. GnuTLS has
 * one generator for each thread, and no thread can seed another's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "arch_machine.h"
#include "arch_syscall.h"
#include "shared/exports.h"
#include "shared/random_functions.h"
#include "state.h"

typedef void add_function(const void *bytes, int count, double entropy);

static int read_own(void *context, uint64_t address, void *buffer, size_t length)
{
	(void)context;
	memcpy(buffer, (const void *)address, length);
	return 0;
}

/* The address of an object's ELF header, if a segment begins with it, so that it is mapped. */
static uint64_t find_header(const struct dl_phdr_info *object)
{
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

		if (segment->p_type == PT_LOAD && segment->p_offset == 0)
			return object->dlpi_addr + segment->p_vaddr;
	}
	return 0;
}

struct search {
	const struct random_function *function;
	bool per_thread;
};

static int note_generator(struct dl_phdr_info *object, size_t size, void *context)
{
	struct exports exports = { .read = read_own };
	struct search *search = context;
	uint64_t header = find_header(object), found;

	(void)size;
	if (!header || !exports_open(&exports, header, ARCH_MACHINE))
		return 0;
	found = exports_find(&exports, search->function->name);
	if (!found || library.generator_count == GENERATORS)
		return 0;
	library.generators[library.generator_count++] = found;
	library.generator_sometimes += !search->function->always;
	search->per_thread |= search->function->per_thread;
	return 0;
}

static void seed_generators(uint32_t first)
{
	int error = errno;
	unsigned char bytes[32] = { 0 };

	if (first == library.generator_count)
		return;
	/* AT_RANDOM differs for each process, even if the kernel or a filter forbids
	 * getrandom(). */
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memcpy(bytes, (const void *)getauxval(AT_RANDOM), 16);
	for (uint32_t i = first; i < library.generator_count; i++)
		((add_function *)library.generators[i])(bytes, sizeof(bytes), 0);
	errno = error;
}

/* An unused generator initialises itself now, which takes a millisecond, and not in a start.
 * In the table, functions that are not always called come first. */
bool random_prepare(void)
{
	struct search search = { .per_thread = false };

	library.generator_count = library.generator_sometimes = 0;
	for (size_t i = 0; i < RANDOM_FUNCTIONS; i++) {
		search.function = &random_functions[i];
		dl_iterate_phdr(note_generator, &search);
	}
	seed_generators(0);
	return search.per_thread;
}

/* As in trampoline.S: a generator may have seen the ID, which was that of the dumped process
 * or of a parent, from which it had inherited its state. */
#define BELOW 1024

void random_after_resume(void)
{
	uint32_t pid = library.generator_count ? (uint32_t)sys(SYS_getpid) : 0;
	bool may_be_known = pid == 1 || library.handoff.pid - pid < BELOW;

	seed_generators(may_be_known ? 0 : library.generator_sometimes);
}
