/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The environment: starts get their own, with what the program itself has set, changed or removed
 * laid on top. The program's changes are the differences between the array that `environ` points
 * to and the strings that the kernel has put on the stack.
 *
 *   given     A=1  B=2  C=3           the kernel's strings
 *   current   A=1  B=x       D=4      what `environ` points to
 *   changes        set  rem. set      image->variables, for restarter/environment.c
 *
 * `environ` itself is replaced only if nobody can free the array as the program's own: it is the
 * kernel's, or libc's.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "capture/auxv.h"
#include "libc/libc.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "elf/lookup.h"

/* Twice the kernel's limit for all strings of a program. */
#define STRINGS_MAX (UINT64_C(12) << 20)

/* ---- Whose array is it? ------------------------------------------------------------------ */

/* The kernel's array, and the restarter's, has argc, argv and NULL in front of it. Returns the
 * address of argc, or 0. */
static uint64_t argc_before(struct word_reader *reader, uint64_t array)
{
	uint64_t at = array - sizeof(uint64_t);

	if (!array || at % sizeof(uint64_t) || capture_word(reader, at))
		return 0;
	for (uint64_t count = 0; count <= CAPTURE_ARGUMENTS_MAX && !reader->failed; count++) {
		uint64_t word = capture_word(reader, at -= sizeof(uint64_t));

		if (word == count)
			return reader->failed ? 0 : at;
		if (!word)
			break;
	}
	return 0;
}

/* glibc keeps the address of the array that setenv() has made in `last_environ` (stdlib/setenv.c);
 * since 2.41, `__environ_array_list` leads to it, the first word of an item of malloc()'s. musl has
 * it in `oldenv` (src/env/putenv.c). No symbol leads to these variables. */
static bool leads_to(struct capture *capture, uint64_t word, uint64_t array)
{
	const struct region *heap = image_find(capture->image, array);
	uint64_t first;

	return word == array
	       || (heap && word % sizeof(word) == 0 && range_contains(heap->range, word)
		   && !capture_peek(capture, word, &first, sizeof(first)) && first == array);
}

/* `environ` itself, at `place`, may be among the words. */
static bool holds_address(struct capture *capture, struct range range, uint64_t array,
			  uint64_t place)
{
	uint64_t words[512];

	for (uint64_t at = range.start; at < range.end; at += sizeof(words)) {
		if (capture_peek(capture, at, words, sizeof(words)))
			return false;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (at + i * sizeof(*words) != place && leads_to(capture, words[i], array))
				return true;
	}
	return false;
}

/* Only libc exports this function. (Some programs export a setenv() of their own.) */
static bool is_libc(struct capture *capture, const struct region *region)
{
	return region->origin == ORIGIN_FILE
	       && elf_find_exported(capture, region, "__libc_start_main");
}

/* libc's data is in its mappings, and in the anonymous memory right after them. */
static bool is_part(const struct region *region, const struct region *first)
{
	return region == first
	       || (region->range.start == region[-1].range.end
		   && (!region->name[0] || !strcmp(region->name, first->name)));
}

static bool is_libcs_array(struct capture *capture, uint64_t array, uint64_t place)
{
	const struct image *image = capture->image;
	const struct region *region = image->regions, *end = region + image->region_count, *libc;

	while (region < end && !is_libc(capture, region))
		region++;
	for (libc = region; region < end && is_part(region, libc); region++)
		if (region->prot & 2 /* write */ && !(region->flags & REGION_SHARED)
		    && holds_address(capture, region->range, array, place))
			return true;
	return false;
}

/* ---- Variables ---------------------------------------------------------------------------- */

struct variable {
	char *string;  /* NAME=VALUE */
	size_t length; /* of the name */
	size_t index;
	uint64_t address;
};

struct variables {
	struct variable *list;
	size_t count, room;
};

static void add_variable_to(struct variables *to, char *string, uint64_t address)
{
	xgrow(to->list, to->count, to->room);
	to->list[to->count] = (struct variable){ .string = string,
						 .length = strcspn(string, "="),
						 .index = to->count,
						 .address = address };
	to->count++;
}

static void free_variables(struct variables *variables)
{
	for (size_t i = 0; i < variables->count; i++)
		free(variables->list[i].string);
	free(variables->list);
}

static int compare_names(const void *a, const void *b)
{
	const struct variable *left = a, *right = b;
	size_t length = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->string, right->string, length);

	return order ? order : (left->length > right->length) - (left->length < right->length);
}

static int compare_variables(const void *a, const void *b)
{
	const struct variable *left = a, *right = b;
	int order = compare_names(left, right);

	return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* Sorts by name. If a name occurs twice, getenv() finds the first. */
static void settle_variables(struct variables *variables)
{
	size_t kept = 0;

	qsort(variables->list, variables->count, sizeof(*variables->list), compare_variables);
	for (size_t i = 0; i < variables->count; i++) {
		if (kept && !compare_names(&variables->list[kept - 1], &variables->list[i]))
			free(variables->list[i].string);
		else
			variables->list[kept++] = variables->list[i];
	}
	variables->count = kept;
}

static const struct variable *find_variable(const struct variables *in,
					    const struct variable *like)
{
	return in->count ? bsearch(like, in->list, in->count, sizeof(*in->list), compare_names)
			 : NULL;
}

/* ---- Reading them ------------------------------------------------------------------------- */

/* Reads in steps that end where pages do. NULL: it cannot be read. */
static char *read_string(struct capture *capture, uint64_t address)
{
	char *text = NULL;
	size_t length = 0;

	while (length < STRINGS_MAX) {
		size_t step = 256 - (address + length) % 256;

		text = xrealloc(text, length + step);
		if (capture_peek(capture, address + length, text + length, step))
			break;
		if (memchr(text + length, 0, step))
			return text;
		length += step;
	}
	free(text);
	return NULL;
}

static bool read_current(struct capture *capture, uint64_t array, struct variables *ret_current)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t address, at = array;

	for (; at && (address = capture_word(&reader, at)); at += sizeof(address)) {
		char *string = read_string(capture, address);

		if (!string || ret_current->count == CAPTURE_ARGUMENTS_MAX) {
			free(string);
			return false;
		}
		add_variable_to(ret_current, string, address);
	}
	settle_variables(ret_current);
	return !reader.failed;
}

/* Cores do not record the range. The strings of the environment lie between those of the arguments
 * and the program's file name (fs/exec.c, copy_strings). Entries of argv may have changed places. */
static struct range find_given(struct capture *capture, uint64_t argc_at)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t argc = argc_at ? capture_word(&reader, argc_at) : 0;
	struct range range = { UINT64_MAX, capture_auxv(capture, AT_EXECFN) };

	for (uint64_t i = 1; i <= argc && i <= CAPTURE_ARGUMENTS_MAX; i++) {
		uint64_t word = capture_word(&reader, argc_at + i * sizeof(word));

		range.start = word < range.start ? word : range.start;
	}
	for (uint64_t i = 0; i < argc && range.start < range.end; i++) {
		char *string = read_string(capture, range.start);

		range.start = string ? range.start + strlen(string) + 1 : UINT64_MAX;
		free(string);
	}
	if (reader.failed || range.start > range.end || range_length(range) > STRINGS_MAX)
		return (struct range){ 0, 0 };
	return range;
}

/* Returns false if they are unknown, or no longer what the kernel has put there. */
static bool read_given(struct capture *capture, uint64_t argc_at, struct variables *ret_given)
{
	struct range range = capture->image->environment;
	uint64_t length;
	bool intact = true;
	char *bytes;

	if (!range.start)
		range = find_given(capture, argc_at);
	length = range_length(range);
	if (!range.start || length > STRINGS_MAX)
		return false;
	bytes = xcalloc(1, length + 1);
	if (length && capture_peek(capture, range.start, bytes, length))
		intact = false;
	for (uint64_t at = 0; intact && at < length; at += strlen(bytes + at) + 1) {
		if (strchr(bytes + at, '='))
			add_variable_to(ret_given, xstrdup(bytes + at), range.start + at);
		else
			intact = false;
	}
	free(bytes);
	settle_variables(ret_given);
	return intact;
}

/* ---- The program's changes ---------------------------------------------------------------- */

static void append_name(char **names, const char *name)
{
	char *all = *names ? xasprintf("%s, %s", *names, name) : xstrdup(name);

	free(*names);
	*names = all;
}

/* Adds those of `of` that `in` does not have: with another value, if `of` are the current ones. */
static char *add_changes(struct image *image, const struct variables *of,
			 const struct variables *in, bool current)
{
	char *names = NULL;

	for (size_t i = 0; i < of->count; i++) {
		const struct variable *variable = &of->list[i];
		const struct variable *other = find_variable(in, variable);
		char *name;

		if (other && (!current || !strcmp(other->string, variable->string)))
			continue;
		name = strndup(variable->string, variable->length);
		image_add_variable(image, current ? variable->address : 0, name);
		append_name(&names, name);
		free(name);
	}
	return names;
}

static void add_all_changes(struct capture *capture, uint64_t array, uint64_t argc_at,
			    struct report *report)
{
	struct variables given = { 0 }, current = { 0 };
	char *set = NULL, *removed = NULL;

	if (!read_given(capture, argc_at, &given))
		report_warning(report, ENVIRONMENT, "the program has overwritten the strings of its "
			       "environment: each variable that is not there counts as its own");
	if (read_current(capture, array, &current)) {
		set = add_changes(capture->image, &current, &given, true);
		removed = add_changes(capture->image, &given, &current, false);
	}
	if (set)
		report_note(report, ENVIRONMENT, "the program has set %s, which starts keep", set);
	if (removed)
		report_note(report, ENVIRONMENT, "the program has removed %s, which starts lack",
			    removed);
	free(set);
	free(removed);
	free_variables(&given);
	free_variables(&current);
}

bool libc_add_environment(struct capture *capture, uint64_t place,
			  const struct startup_choices *choices, struct report *report)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t array = capture_word(&reader, place), argc_at;

	if (choices->environment == UNEXEC_ENVIRONMENT_KEEP || reader.failed)
		return false;
	argc_at = argc_before(&reader, array);
	reader.failed = false;
	/* clearenv() makes it NULL. */
	if (array && !argc_at && !choices->any_array && !is_libcs_array(capture, array, place)) {
		report_warning(report, ENVIRONMENT, "the program has made its own array of the "
			       "environment: it keeps its present environment");
		return false;
	}
	if (choices->environment == UNEXEC_ENVIRONMENT_MERGE)
		add_all_changes(capture, array,
				argc_at ? argc_at : capture->image->mm.start_stack, report);
	return true;
}
