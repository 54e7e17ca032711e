/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds random generators by the function that they export for seeding, and decides whether the
 * process has stopped where that function can be called. Names the generators of languages, which
 * only the program can seed.
 */
#include "capture/auxv.h"
#include "libc/libc.h"

#include <elf.h>
#include <string.h>

#include "arch_frame.h"
#include "arch_registers.h"
#include "elf/lookup.h"
#include "shared/random_functions.h"

static void find_generator(struct capture *capture, const struct random_function *function,
		 struct libc_generators *generators)
{
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->region_count; i++) {
		uint64_t found = elf_find_exported(capture, &image->regions[i], function->name);

		if (!found || generators->count == LIBC_GENERATORS_MAX)
			continue;
		generators->names[generators->count] = image->regions[i].name;
		generators->seed[generators->count++] = found;
		generators->sometimes += !function->always;
	}
}

/* ---- Generators of languages ------------------------------------------------------------- */

/* The generators of a language, whose numbers all starts repeat. The process runs the language if
 * one of its files exports the name. */
static const struct language {
	const char *exported;
	enum unexec_severity severity; /* a warning: programs take the values for unique */
	const char *repeated;
} languages[] = {
	{ "node_module_register", UNEXEC_WARNING,
	  "crypto.randomUUID(), crypto.randomInt() and Math.random() of Node.js" },
	{ "JNI_CreateJavaVM", UNEXEC_NOTE, "Math.random() and ThreadLocalRandom of Java" },
	{ "Perl_drand48_r", UNEXEC_NOTE, "rand() of Perl, if it is seeded" },
	{ "php_mt_rand", UNEXEC_NOTE, "mt_rand() of PHP, if it is seeded" },
	{ "PyInit__random", UNEXEC_NOTE, "random of Python, if it is imported" },
	{ "PyInit_mtrand", UNEXEC_NOTE, "numpy.random" },
	{ "rb_genrand_real", UNEXEC_NOTE, "rand() of Ruby, if it is seeded" },
	{ "unif_rand", UNEXEC_NOTE, "runif() and its like of R, if they are seeded" },
};

static bool is_exported(struct capture *capture, const char *name)
{
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->region_count; i++)
		if (elf_find_exported(capture, &image->regions[i], name))
			return true;
	return false;
}

static void name_languages(struct capture *capture, struct report *report)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++)
		if (is_exported(capture, languages[i].exported))
			report_add(report, languages[i].severity, UNEXEC_CODE_RANDOM, 0, 0, 0,
				   "all starts repeat the random numbers of %s",
				   languages[i].repeated);
}

/* ---- Can they be called? ----------------------------------------------------------------- */

/* malloc is in the file that exports it, and never waits in a system call. */
static bool is_outside_malloc(struct capture *capture, const struct arch_thread_state *state)
{
	const struct image *image = capture->image;
	uint64_t counter = arch_thread_place(state->registers).counter;
	const struct region *code = capture_code_at(capture, counter);

	if (arch_is_waiting(state->registers, capture_peek_at, capture))
		return true;
	if (!code || code->name[0] != '/')
		return false;
	for (size_t i = 0; i < image->region_count; i++)
		if (!strcmp(image->regions[i].name, code->name)
		    && elf_find_exported(capture, &image->regions[i], "malloc"))
			return false;
	return true;
}

static bool is_generators(const struct libc_generators *generators, const struct region *code)
{
	for (size_t i = 0; i < generators->count; i++)
		if (!strcmp(generators->names[i], code->name))
			return true;
	return false;
}

/* Searches a stack for return addresses into a generator or a signal handler. */
struct look {
	struct capture *capture;
	const struct libc_generators *generators;
};

static int is_in_midst(void *context, uint64_t address, uint64_t word)
{
	const struct look *look = context;
	const struct region *code = capture_code_at(look->capture, word);

	(void)address;
	return code && (is_generators(look->generators, code)
			|| capture_returns_from_handler(look->capture, word));
}

static bool is_quiet(struct capture *capture, const struct libc_generators *generators,
		     const struct arch_thread_state *state)
{
	const struct arch_thread_place place = arch_thread_place(state->registers);
	const struct region *code = capture_code_at(capture, place.counter);
	struct look look = { capture, generators };

	return capture->image->thread_count == 1 && code && !is_generators(generators, code)
	       && is_outside_malloc(capture, state)
	       && !capture_each_on_stack(capture, place.stack, is_in_midst, &look);
}

struct libc_generators libc_find_generators(struct capture *capture,
				     const struct arch_thread_state *states,
				     struct report *report)
{
	struct libc_generators generators = { .random = capture_auxv(capture, AT_RANDOM) };

	name_languages(capture, report);
	/* The table lists those first that are not always called. */
	for (size_t i = 0; i < RANDOM_FUNCTIONS; i++)
		find_generator(capture, &random_functions[i], &generators);
	if (!generators.count
	    || (generators.random && is_quiet(capture, &generators, &states[0])))
		return generators;
	for (size_t i = 0; i < generators.count; i++)
		report_warning(report, RANDOM,
			       "the random generator of %s begins in its present state in every "
			       "start%s: it cannot be seeded where the process has stopped",
			       generators.names[i],
			       i < generators.sometimes ? " with the present process ID" : "");
	generators.count = 0;
	return generators;
}
