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
#include <link.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "arch_lib.h"
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

static int look_in(struct dl_phdr_info *object, size_t size, void *context)
{
	struct exports exports = { .read = read_own };
	uint64_t header = find_header(object), found;
	bool *per_thread = context;

	(void)size;
	if (!header || !exports_open(&exports, header, ARCH_MACHINE))
		return 0;
	for (size_t i = 0; i < RANDOM_FUNCTIONS; i++) {
		found = exports_find(&exports, random_functions[i].name);
		if (!found || library.generator_count == GENERATORS)
			continue;
		library.generators[library.generator_count++] = found;
		*per_thread |= random_functions[i].per_thread;
	}
	return 0;
}

static void seed_all(void)
{
	int error = errno;
	unsigned char bytes[32] = { 0 };

	/* A kernel or filter without it still gives each process some. */
	if (library.generator_count && getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memcpy(bytes, (const void *)getauxval(AT_RANDOM), 16);
	for (uint32_t i = 0; i < library.generator_count; i++)
		((add_function *)library.generators[i])(bytes, sizeof(bytes), 0);
	errno = error;
}

/* One that was never used makes itself now, which takes a millisecond, and not in each start. */
bool random_prepare(void)
{
	bool per_thread = false;

	library.generator_count = 0;
	dl_iterate_phdr(look_in, &per_thread);
	seed_all();
	return per_thread;
}

void random_after_resume(void)
{
	seed_all();
}
