/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads an image back from its text, which may come from anywhere. The text is not trusted:
 * every image that this accepts is one that a capture source could have made.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/report.h"
#include "image/text.h"
#include "base/words.h"
#include "base/xalloc.h"

#define TEXT_MAX (UINT64_C(1) << 28)
#define LINE_ROOM ((size_t)1 << 16)
#define ADDRESS_MAX (UINT64_C(1) << 63)

/* Items that must occur exactly once, besides text_image_fields. */
enum { SEEN_PROGRAM = 1 << 16, SEEN_MM = 1 << 17, SEEN_PROCESS = 1 << 18, SEEN_END = 1 << 19,
       SEEN_MEMORY = 1 << 20, SEEN_PROTECTION = 1 << 21, SEEN_RIGHTS = 1 << 22,
       SEEN_SETTINGS = 1 << 23 };
#define SEEN_ALL (0x1f | SEEN_PROGRAM | SEEN_MM | SEEN_PROCESS | SEEN_END)

struct parser {
	struct image *image;
	struct report *report;
	size_t line;      /* number of the current line */
	char *next;       /* its unread rest */
	uint32_t seen;
	bool in_region;   /* the preceding lines are a region and its data */
};

static int fail_line(struct parser *parser, const char *what)
{
	report_error(parser->report, FORMAT, "line %zu of the image's text: %s", parser->line,
		     what);
	return -1;
}

/* ---- Words, numbers, names ----------------------------------------------------------- */

static char *next_word(struct parser *parser)
{
	return words_next(&parser->next);
}

static int store_number(const char *word, const struct text_field *field, void *item)
{
	char *member = (char *)item + field->offset;
	uint64_t value;
	uint32_t small;

	if (words_number(word, &value) < 0)
		return -1;
	if (field->size == sizeof(value)) {
		memcpy(member, &value, sizeof(value));
		return 0;
	}
	if (value > UINT32_MAX)
		return -1;
	small = value;
	memcpy(member, &small, sizeof(small));
	return 0;
}

static int parse_name(struct parser *parser, char **ret_name)
{
	char *word = next_word(parser);

	if (words_unescape(word) < 0)
		return fail_line(parser, "a name is missing or malformed");
	*ret_name = word;
	return 0;
}

static int at_end(struct parser *parser)
{
	return *next_word(parser) ? fail_line(parser, "excess words") : 0;
}

/* Parses FIELD=NUMBER of each field, in their order. */
static int parse_fields(struct parser *parser, const struct text_field *fields, void *item)
{
	for (; fields->name; fields++) {
		char *word = next_word(parser), *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (!value || strcmp(word, fields->name))
			return fail_line(parser, "a field is missing");
		if (store_number(value, fields, item) < 0)
			return fail_line(parser, "an invalid number");
	}
	return 0;
}

static int parse_range(struct parser *parser, struct range *ret_range)
{
	char *word = next_word(parser), *end = strchr(word, '-');
	uint64_t page = parser->image->page_size;
	struct range range;

	if (end)
		*end++ = '\0';
	if (!end || words_number(word, &range.start) < 0 || words_number(end, &range.end) < 0)
		return fail_line(parser, "an invalid range");
	if (range.start >= range.end || range.end > ADDRESS_MAX)
		return fail_line(parser, "an empty range, or one beyond all addresses");
	if (!page)
		return fail_line(parser, "page-size must come first");
	if ((range.start | range.end) & (page - 1))
		return fail_line(parser, "a range that does not consist of whole pages");
	*ret_range = range;
	return 0;
}

static int mark_seen(struct parser *parser, uint32_t what)
{
	if (parser->seen & what)
		return fail_line(parser, "a duplicate item");
	parser->seen |= what;
	return 0;
}

/* ---- The kinds of lines -------------------------------------------------------------- */

static int parse_program(struct parser *parser)
{
	char *name;

	if (mark_seen(parser, SEEN_PROGRAM) < 0 || parse_name(parser, &name) < 0)
		return -1;
	free(parser->image->program);
	parser->image->program = xstrdup(name);
	return at_end(parser);
}

static int parse_memory(struct parser *parser)
{
	if (mark_seen(parser, SEEN_MEMORY) < 0 ||
	    parse_fields(parser, text_memory_fields, parser->image) < 0)
		return -1;
	if (parser->image->memory > IMAGE_MEMORY_COPY)
		return fail_line(parser, "an unknown memory mode");
	return at_end(parser);
}

static int parse_mm(struct parser *parser)
{
	if (mark_seen(parser, SEEN_MM) < 0 ||
	    parse_fields(parser, text_mm_fields, &parser->image->mm) < 0)
		return -1;
	return at_end(parser);
}

static int parse_process(struct parser *parser)
{
	if (mark_seen(parser, SEEN_PROCESS) < 0 ||
	    parse_fields(parser, text_process_fields, &parser->image->process) < 0)
		return -1;
	return at_end(parser);
}

static int parse_protection(struct parser *parser)
{
	if (mark_seen(parser, SEEN_PROTECTION) < 0 ||
	    parse_fields(parser, text_protection_fields, &parser->image->protection) < 0)
		return -1;
	return at_end(parser);
}

static int parse_rights(struct parser *parser)
{
	if (mark_seen(parser, SEEN_RIGHTS) < 0 ||
	    parse_fields(parser, text_rights_fields, &parser->image->rights) < 0)
		return -1;
	return at_end(parser);
}

static int parse_settings(struct parser *parser)
{
	if (mark_seen(parser, SEEN_SETTINGS) < 0 ||
	    parse_fields(parser, text_settings_fields, &parser->image->settings) < 0)
		return -1;
	return at_end(parser);
}

static int parse_directory(struct parser *parser)
{
	struct text_directory item = { 0 };
	char *path;

	if (parser->image->directory)
		return fail_line(parser, "a duplicate item");
	if (parse_fields(parser, text_directory_fields, &item) < 0
	    || parse_name(parser, &path) < 0 || at_end(parser) < 0)
		return -1;
	parser->image->directory = xstrdup(path);
	parser->image->directory_needed = item.needed != 0;
	return 0;
}

static int parse_itimer(struct parser *parser)
{
	struct text_itimer item = { 0 };

	if (parse_fields(parser, text_itimer_fields, &item) < 0 || at_end(parser) < 0)
		return -1;
	if (item.number >= TEXT_ITIMERS)
		return fail_line(parser, "no such timer");
	parser->image->process.itimers[item.number] = item.itimer;
	return 0;
}

static int parse_vdso(struct parser *parser)
{
	if (parser->image->vdso.address)
		return fail_line(parser, "a duplicate item");
	if (parse_fields(parser, text_vdso_fields, &parser->image->vdso) < 0)
		return -1;
	return at_end(parser);
}

static int parse_registers(struct parser *parser)
{
	if (parser->image->registers.states)
		return fail_line(parser, "a duplicate item");
	if (parse_fields(parser, text_registers_fields, &parser->image->registers) < 0)
		return -1;
	return at_end(parser);
}

static int parse_state(struct parser *parser)
{
	struct plan_registers *registers = &parser->image->registers;
	struct text_state item = { 0 };

	if (parse_fields(parser, text_state_fields, &item) < 0 || at_end(parser) < 0)
		return -1;
	if (item.number >= PLAN_STATES || item.place > UINT16_MAX || item.size > UINT16_MAX)
		return fail_line(parser, "no such state");
	registers->places[item.number] = (uint16_t)item.place;
	registers->sizes[item.number] = (uint16_t)item.size;
	return 0;
}

static int parse_prot(struct parser *parser, uint32_t *ret_prot)
{
	static const struct {
		char letter;
		uint32_t prot;
	} letters[] = { { 'r', PROT_READ }, { 'w', PROT_WRITE }, { 'x', PROT_EXEC } };
	const char *word = next_word(parser);
	uint32_t prot = 0;

	if (strlen(word) != 3)
		return fail_line(parser, "an invalid protection");
	for (size_t i = 0; i < 3; i++) {
		if (word[i] == letters[i].letter)
			prot |= letters[i].prot;
		else if (word[i] != '-')
			return fail_line(parser, "an invalid protection");
	}
	*ret_prot = prot;
	return 0;
}

static int parse_flags(struct parser *parser, uint32_t *ret_flags)
{
	char *word = next_word(parser), *name, *rest = NULL;
	uint32_t flags = 0;
	size_t i;

	*ret_flags = 0;
	if (!strcmp(word, "-"))
		return 0;
	if (!*word)
		return fail_line(parser, "flags are missing");
	for (name = strtok_r(word, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		for (i = 0; text_region_flags[i]; i++)
			if (!strcmp(name, text_region_flags[i]))
				break;
		if (!text_region_flags[i])
			return fail_line(parser, "an unknown flag");
		flags |= UINT32_C(1) << i;
	}
	*ret_flags = flags;
	return 0;
}

static int parse_region(struct parser *parser)
{
	struct image *image = parser->image;
	uint32_t prot, flags;
	struct range range;
	uint64_t offset;
	char *name;

	if (parse_range(parser, &range) < 0 || parse_prot(parser, &prot) < 0 ||
	    parse_flags(parser, &flags) < 0)
		return -1;
	if (words_number(next_word(parser), &offset) < 0)
		return fail_line(parser, "an invalid offset");
	if (parse_name(parser, &name) < 0 || at_end(parser) < 0)
		return -1;
	if (image->region_count &&
	    image->regions[image->region_count - 1].range.end > range.start)
		return fail_line(parser, "a region that overlaps the last one or is not in order");
	if (flags & REGION_OBJECT && !(flags & REGION_SHARED))
		return fail_line(parser, "an object that is not shared");
	if (flags & REGION_REOPEN && !*name)
		return fail_line(parser, "a region to reopen that has no name");
	image_add_region(image, range, prot, flags, offset, name);
	parser->in_region = true;
	return 0;
}

static int parse_data(struct parser *parser)
{
	struct region *region;
	struct range range;

	if (!parser->in_region)
		return fail_line(parser, "data without a region");
	if (parse_range(parser, &range) < 0 || at_end(parser) < 0)
		return -1;
	region = &parser->image->regions[parser->image->region_count - 1];
	if (range.start < region->range.start || range.end > region->range.end)
		return fail_line(parser, "data outside of its region");
	if (region->flags & (REGION_REOPEN | REGION_OBJECT))
		return fail_line(parser, "data in a region that is mapped from elsewhere");
	if (region->flags & REGION_GUARD)
		return fail_line(parser, "data in a guard");
	if (region->data_count && region->data[region->data_count - 1].end > range.start)
		return fail_line(parser, "data that overlaps or is not in order");
	region_add_data(region, range);
	return 0;
}

static int parse_thread(struct parser *parser)
{
	struct plan_thread thread = { 0 };
	char *name;

	if (parse_fields(parser, text_thread_fields, &thread) < 0 ||
	    parse_name(parser, &name) < 0 || at_end(parser) < 0)
		return -1;
	if (strlen(name) >= sizeof(*parser->image->thread_names))
		return fail_line(parser, "a thread's name is too long");
	image_add_thread(parser->image, &thread, name);
	return 0;
}

static int parse_frame(struct parser *parser)
{
	const struct image *image = parser->image;
	struct plan_frame frame = { 0 };

	if (parse_fields(parser, text_frame_fields, &frame) < 0 || at_end(parser) < 0)
		return -1;
	if (image->frame_count && image->frames[image->frame_count - 1].address >= frame.address)
		return fail_line(parser, "a frame that is not in order");
	image_add_frame(parser->image, frame.address);
	return 0;
}

/* Sorted items must come sorted, which makes duplicate signals and descriptors easy to
 * detect. */
static int parse_signal(struct parser *parser)
{
	const struct image *image = parser->image;
	struct plan_signal signal = { 0 };

	if (parse_fields(parser, text_signal_fields, &signal) < 0 || at_end(parser) < 0)
		return -1;
	if (signal.number < 1 || signal.number > 64)
		return fail_line(parser, "no such signal");
	if (image->signal_count &&
	    image->signals[image->signal_count - 1].number >= signal.number)
		return fail_line(parser, "a signal that is not in order");
	image_add_signal(parser->image, &signal);
	return 0;
}

static int parse_timer(struct parser *parser)
{
	const struct image *image = parser->image;
	struct plan_timer timer = { 0 };

	if (parse_fields(parser, text_timer_fields, &timer) < 0 || at_end(parser) < 0)
		return -1;
	if (timer.thread >= image->thread_count || timer.clock_thread >= image->thread_count)
		return fail_line(parser, "a timer of a thread that does not exist");
	if (image->timer_count &&
	    image->timers[image->timer_count - 1].number >= timer.number)
		return fail_line(parser, "a timer that is not in order");
	image_add_timer(parser->image, &timer);
	return 0;
}

static int parse_queued(struct parser *parser)
{
	struct plan_queued queued = { 0 };
	uint32_t number;

	if (parse_fields(parser, text_queued_fields, &queued) < 0 || at_end(parser) < 0)
		return -1;
	memcpy(&number, queued.info, sizeof(number)); /* si_signo comes first */
	if (number < 1 || number > 64)
		return fail_line(parser, "no such signal");
	if (queued.thread != PLAN_WHOLE_PROCESS && queued.thread >= parser->image->thread_count)
		return fail_line(parser, "a signal for a thread that does not exist");
	if (queued.sender > sizeof(queued.info) - sizeof(uint32_t))
		return fail_line(parser, "a sender outside of a signal");
	image_add_queued(parser->image, &queued);
	return 0;
}

/* Returns whether `file` must not follow `before`. */
static bool is_misplaced(const struct plan_file *before, const struct plan_file *file)
{
	uint32_t rank = image_file_rank(file->kind), rank_before = image_file_rank(before->kind);

	if (rank_before != rank)
		return rank_before > rank;
	/* Several entries may change a descriptor, but only one creates it. */
	return before->number > file->number
	       || (plan_makes_descriptor(file) && before->number == file->number);
}

static int parse_file(struct parser *parser, uint32_t kind)
{
	const struct image *image = parser->image;
	const struct plan_file *before = NULL;
	struct plan_file file = { .kind = kind };
	char *path;

	if (parse_fields(parser, text_file_kinds[kind].fields, &file) < 0 ||
	    parse_name(parser, &path) < 0 || at_end(parser) < 0)
		return -1;
	if (file.number < 0 || file.other < 0)
		return fail_line(parser, "no such descriptor");
	if (image->file_count)
		before = &image->files[image->file_count - 1].plan;
	if (before && is_misplaced(before, &file))
		return fail_line(parser, "a descriptor that is not in order");
	image_add_file(parser->image, &file, path, NULL);
	return 0;
}

static int parse_slot(struct parser *parser)
{
	const struct image *image = parser->image;
	struct image_slot slot = { 0 };

	if (parse_fields(parser, text_slot_fields, &slot) < 0 ||
	    parse_name(parser, &slot.name) < 0 || at_end(parser) < 0)
		return -1;
	if (image->slot_count && image->slots[image->slot_count - 1].address > slot.address)
		return fail_line(parser, "a slot that is not in order");
	image_add_slot(parser->image, slot.address, slot.name);
	return 0;
}

static int parse_variable(struct parser *parser)
{
	struct image_variable variable = { 0 };

	if (parse_fields(parser, text_variable_fields, &variable) < 0 ||
	    parse_name(parser, &variable.name) < 0 || at_end(parser) < 0)
		return -1;
	image_add_variable(parser->image, variable.string, variable.name);
	return 0;
}

static int parse_fixup(struct parser *parser)
{
	const struct image *image = parser->image;
	struct plan_fixup fixup = { 0 };

	if (parse_fields(parser, text_fixup_fields, &fixup) < 0 || at_end(parser) < 0)
		return -1;
	if (fixup.kind < PLAN_FIXUP_TID || fixup.kind >= PLAN_FIXUP_KINDS)
		return fail_line(parser, "an unknown kind of fixup");
	if (fixup.kind == PLAN_FIXUP_TID && fixup.which >= image->thread_count)
		return fail_line(parser, "a fixup for a thread that does not exist");
	if (fixup.kind == PLAN_FIXUP_CANARY && fixup.which > 8)
		return fail_line(parser, "an impossible canary");
	if (image->fixup_count && image->fixups[image->fixup_count - 1].address > fixup.address)
		return fail_line(parser, "a fixup that is not in order");
	image_add_fixup(parser->image, &fixup);
	return 0;
}

static int parse_need(struct parser *parser)
{
	char *name;

	if (parse_name(parser, &name) < 0 || at_end(parser) < 0)
		return -1;
	image_add_need(parser->image, name);
	return 0;
}

static int parse_end(struct parser *parser)
{
	return mark_seen(parser, SEEN_END) < 0 ? -1 : at_end(parser);
}

/* ---- Lines --------------------------------------------------------------------------- */

static int parse_image_field(struct parser *parser, const char *keyword)
{
	const struct text_field *field = text_image_fields;
	uint64_t page;

	for (; field->name; field++)
		if (!strcmp(field->name, keyword))
			break;
	if (!field->name)
		return fail_line(parser, "an unknown keyword");
	if (mark_seen(parser, 1u << (field - text_image_fields)) < 0)
		return -1;
	if (store_number(next_word(parser), field, parser->image) < 0)
		return fail_line(parser, "an invalid number");
	page = parser->image->page_size;
	if (!strcmp(keyword, "page-size") && (page < 4096 || page > 65536 || page & (page - 1)))
		return fail_line(parser, "no such page size");
	return at_end(parser);
}

static int parse_keyword(struct parser *parser, const char *keyword)
{
	static const struct {
		const char *keyword;
		int (*parse)(struct parser *parser);
	} kinds[] = {
		{ "region", parse_region }, { "data", parse_data }, { "thread", parse_thread },
		{ "frame", parse_frame },
		{ "signal", parse_signal }, { "timer", parse_timer }, { "slot", parse_slot },
		{ "variable", parse_variable }, { "queued", parse_queued },
		{ "fixup", parse_fixup }, { "need", parse_need }, { "program", parse_program },
		{ "mm", parse_mm }, { "process", parse_process }, { "itimer", parse_itimer },
		{ "protection", parse_protection }, { "rights", parse_rights },
		{ "settings", parse_settings }, { "directory", parse_directory },
		{ "vdso", parse_vdso },
		{ "registers", parse_registers }, { "state", parse_state }, { "memory", parse_memory },
		{ "end", parse_end },
	};

	if (strcmp(keyword, "data"))
		parser->in_region = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].keyword, keyword))
			return kinds[i].parse(parser);
	for (uint32_t kind = 0; kind < PLAN_FD_KINDS; kind++)
		if (!strcmp(text_file_kinds[kind].keyword, keyword))
			return parse_file(parser, kind);
	return parse_image_field(parser, keyword);
}

static int parse_line(struct parser *parser, char *line)
{
	char *keyword;

	parser->next = line;
	if (parser->line == 1) {
		uint64_t version;

		if (strcmp(next_word(parser), "unexec-image"))
			return fail_line(parser, "not the text of an image");
		if (words_number(next_word(parser), &version) < 0 || version != TEXT_VERSION)
			return fail_line(parser, "the text of another version of unexec");
		return at_end(parser);
	}
	if (line[0] == '#' || !line[strspn(line, " ")])
		return 0;
	if (parser->seen & SEEN_END)
		return fail_line(parser, "a line after the end");
	keyword = next_word(parser);
	return parse_keyword(parser, keyword);
}

static int parse_lines(struct parser *parser, const char *text, size_t length)
{
	const char *end = text + length, *stop;
	char *line = xmalloc(LINE_ROOM);
	int result = 0;

	for (; text < end && result == 0; text = stop + 1) {
		parser->line++;
		stop = memchr(text, '\n', end - text);
		if (!stop) {
			result = fail_line(parser, "the line does not end");
			break;
		}
		if ((size_t)(stop - text) >= LINE_ROOM || memchr(text, '\0', stop - text)) {
			result = fail_line(parser, "the line is too long or contains a zero byte");
			break;
		}
		memcpy(line, text, stop - text);
		line[stop - text] = '\0';
		result = parse_line(parser, line);
	}
	free(line);
	return result;
}

struct image *image_parse(const char *text, size_t length, struct report *report)
{
	struct parser parser = { .image = image_new(), .report = report };
	int result = -1;

	if (length > TEXT_MAX)
		fail_line(&parser, "the text is too long");
	else
		result = parse_lines(&parser, text, length);
	if (result == 0 && (parser.seen & SEEN_ALL) != SEEN_ALL)
		result = fail_line(&parser, "the text ends too early");
	if (result == 0)
		return parser.image;
	image_free(parser.image);
	return NULL;
}
