/* SPDX-License-Identifier: MIT
 *
 * Random generators in libraries: state in memory that all starts of a dump would share. Those
 * that notice a fork by the process ID do not notice that one process of that ID is another, as
 * the first ones of two containers are.
 *
 * OpenSSL (all that offer its RAND_add): what is added goes to the generator that those of all
 * threads are seeded from, which they find out by a counter before they give the next byte.
 * GnuTLS has one for each thread, and no thread can seed another's.
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
#include "state.h"

typedef void add_function(const void *bytes, int count, double entropy);

static int read_own(void *context, uint64_t address, void *buffer, size_t length)
{
	(void)context;
	memcpy(buffer, (const void *)address, length);
	return 0;
}

/* The ELF header of an object, as far as it is mapped: then it is where a segment begins. */
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

static int find_generator(struct dl_phdr_info *object, size_t size, void *context)
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
	/* A kernel or filter without it still gives each process some. */
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memcpy(bytes, (const void *)getauxval(AT_RANDOM), 16);
	for (uint32_t i = first; i < library.generator_count; i++)
		((add_function *)library.generators[i])(bytes, sizeof(bytes), 0);
	errno = error;
}

/* One that was never used makes itself now, which takes a millisecond, and not in a start. In the
 * table, those that are not always called come first. */
bool random_prepare(void)
{
	struct search search = { .per_thread = false };

	library.generator_count = library.generator_sometimes = 0;
	for (size_t i = 0; i < RANDOM_FUNCTIONS; i++) {
		search.function = &random_functions[i];
		dl_iterate_phdr(find_generator, &search);
	}
	seed_generators(0);
	return search.per_thread;
}

/* As trampoline.S: the ID may be one that a generator has seen, of the process that was dumped or of
 * a parent, whose state it had inherited. */
#define BELOW 1024

void random_after_resume(void)
{
	uint32_t pid = library.generator_count ? (uint32_t)sys(SYS_getpid) : 0;
	bool may_be_known = pid == 1 || library.handoff.pid - pid < BELOW;

	seed_generators(may_be_known ? 0 : library.generator_sometimes);
}
