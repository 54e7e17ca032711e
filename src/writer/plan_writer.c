/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builds the plan: the tables of image and layout in the form that the restarter reads. This
 * must follow the scan of memory, which adds fixups.
 */
#include <stdlib.h>
#include <string.h>

#include "writer/plan_writer.h"
#include "writer/populate.h"
#include "embedded/embedded.h"

#include "arch_cpu.h"
#include "base/report.h"
#include "base/xalloc.h"

#define TABLE_ALIGN 8

struct builder {
	unsigned char *bytes;
	size_t size, room;
	char *strings;
	size_t strings_size, strings_room;
};

static void *builder_reserve(struct builder *builder, size_t size)
{
	size_t start = align_up(builder->size, TABLE_ALIGN);

	while (start + size > builder->room) {
		size_t old = builder->room;

		builder->room = old ? 2 * old : 4096;
		builder->bytes = xrealloc(builder->bytes, builder->room);
		memset(builder->bytes + old, 0, builder->room - old);
	}
	builder->size = start + size;
	return builder->bytes + start;
}

/* Adds a table of `count` items of `size` bytes and returns its place. `items` may be NULL if
 * there are none. */
static struct plan_table add_plan_table(struct builder *builder, const void *items, size_t count,
					size_t size)
{
	unsigned char *to = builder_reserve(builder, count * size);

	if (count)
		memcpy(to, items, count * size);
	return (struct plan_table){ (uint32_t)(to - builder->bytes), (uint32_t)count };
}

static uint32_t add_plan_bytes(struct builder *builder, const void *bytes, size_t size)
{
	size_t start = builder->strings_size;

	if (start + size > builder->strings_room) {
		builder->strings_room = 2 * (start + size);
		builder->strings = xrealloc(builder->strings, builder->strings_room);
	}
	if (size)
		memcpy(builder->strings + start, bytes, size);
	builder->strings_size = start + size;
	return (uint32_t)start;
}

static uint32_t add_plan_string(struct builder *builder, const char *string)
{
	return add_plan_bytes(builder, string, strlen(string) + 1);
}

/* PLAN_FILE names a region in a layout, but a path in a plan. */
static struct plan_table add_op_table(struct builder *builder, const struct image *image,
				      const struct layout *layout)
{
	struct plan_table table = add_plan_table(builder, layout->ops, layout->op_count,
						 sizeof(*layout->ops));
	struct plan_op *ops = (struct plan_op *)(builder->bytes + table.offset);

	for (size_t i = 0; i < table.count; i++) {
		if (ops[i].kind != PLAN_FILE)
			continue;
		ops[i].source = add_plan_string(builder, image->regions[ops[i].source].name);
	}
	return table;
}

static struct plan_table add_file_table(struct builder *builder, const struct image *image)
{
	struct plan_file *files = xcalloc(image->file_count + 1, sizeof(*files));
	struct plan_table table;

	for (size_t i = 0; i < image->file_count; i++) {
		const struct image_file *from = &image->files[i];

		files[i] = from->plan;
		files[i].path = add_plan_string(builder, from->path);
		files[i].data = add_plan_bytes(builder, from->data,
					       from->data ? from->plan.length : 0);
	}
	table = add_plan_table(builder, files, image->file_count, sizeof(*files));
	free(files);
	return table;
}

static struct plan_table add_thread_table(struct builder *builder, const struct image *image)
{
	struct plan_table table = add_plan_table(builder, image->threads, image->thread_count,
						 sizeof(*image->threads));
	struct plan_thread *threads = (struct plan_thread *)(builder->bytes + table.offset);

	for (size_t i = 0; i < table.count; i++)
		threads[i].name = add_plan_string(builder, image->thread_names[i]);
	return table;
}

static struct plan_table add_slot_table(struct builder *builder, const struct image *image)
{
	struct plan_slot *slots = xcalloc(image->slot_count + 1, sizeof(*slots));
	struct plan_table table;

	for (size_t i = 0; i < image->slot_count; i++)
		slots[i] = (struct plan_slot){
			.address = image->slots[i].address,
			.name = add_plan_string(builder, image->slots[i].name),
		};
	table = add_plan_table(builder, slots, image->slot_count, sizeof(*slots));
	free(slots);
	return table;
}

static struct plan_table add_variable_table(struct builder *builder, const struct image *image)
{
	struct plan_variable *variables = xcalloc(image->variable_count + 1, sizeof(*variables));
	struct plan_table table;

	for (size_t i = 0; i < image->variable_count; i++)
		variables[i] = (struct plan_variable){
			.string = image->variables[i].string,
			.name = add_plan_string(builder, image->variables[i].name),
		};
	table = add_plan_table(builder, variables, image->variable_count, sizeof(*variables));
	free(variables);
	return table;
}

static uint64_t *put_runs(uint64_t *words, const struct runs *runs, uint64_t page_size)
{
	for (size_t i = 0; i < runs->count; i++)
		*words++ = runs->list[i].start | range_length(runs->list[i]) / page_size;
	return words;
}

static void add_prefault_table(struct builder *builder, struct plan *plan, const struct image *image)
{
	struct runs sure, rest;
	uint64_t *words;

	populate_choose(image, &sure, &rest);
	plan->prefault = add_plan_table(builder, NULL, 0, sizeof(uint64_t));
	words = builder_reserve(builder, PLAN_PREFAULT_ROOM * sizeof(uint64_t));
	put_runs(put_runs(words, &sure, image->page_size), &rest, image->page_size);
	plan->prefault_sure = (uint32_t)sure.count;
	plan->prefault.count = (uint32_t)(sure.count + rest.count);
	runs_free(&sure);
	runs_free(&rest);
	plan->tuned = add_plan_table(builder, NULL, 0, 1);
	builder_reserve(builder, PLAN_TUNED_ROOM);
}

static void add_all_tables(struct builder *builder, struct plan *plan, const struct image *image,
			   const struct layout *layout)
{
	plan->ops = add_op_table(builder, image, layout);
	plan->threads = add_thread_table(builder, image);
	plan->frames = add_plan_table(builder, image->frames, image->frame_count,
				      sizeof(*image->frames));
	plan->signals = add_plan_table(builder, image->signals, image->signal_count,
				       sizeof(*image->signals));
	plan->files = add_file_table(builder, image);
	plan->fixups = add_plan_table(builder, image->fixups, image->fixup_count,
				sizeof(*image->fixups));
	plan->slots = add_slot_table(builder, image);
	if (image->directory)
		plan->directory = (struct plan_directory){
			.path = add_plan_string(builder, image->directory),
			.policy = image->directory_needed ? PLAN_DIRECTORY_NEED : PLAN_DIRECTORY_TRY,
		};
	plan->variables = add_variable_table(builder, image);
	plan->timers = add_plan_table(builder, image->timers, image->timer_count,
				      sizeof(*image->timers));
	plan->queued = add_plan_table(builder, image->queued, image->queued_count,
				      sizeof(*image->queued));
	plan->strings = add_plan_table(builder, builder->strings, builder->strings_size, 1);
	add_prefault_table(builder, plan, image);
}

static bool add_cpu_needs(struct plan *plan, const struct image *image, struct report *report)
{
	for (size_t i = 0; i < image->need_count; i++) {
		if (arch_cpu_need(plan->cpu, image->needs[i]))
			continue;
		report_error(report, FORMAT, "the image needs %s: no such instruction set",
			     image->needs[i]);
		return false;
	}
	return true;
}

struct plan *plan_build(const struct image *image, const struct layout *layout, size_t following,
			size_t *ret_size, struct report *report)
{
	struct builder builder = { 0 };
	struct plan plan = {
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.machine = image->machine,
		.page_size = image->page_size,
		.low_start = layout->low_start,
		.stack_floor = layout->stack_floor,
		.stack_need = layout->stack_need,
		.boot = image->boot,
		.argv0 = image->argv0,
		.mm = image->mm,
		.process = image->process,
		.settings = image->settings,
		.protection = image->protection,
		.rights = image->rights,
		.vdso = image->vdso,
		.registers = image->registers,
	};
	uint64_t code = align_up((uint64_t)(restarter_blob_end - restarter_blob_start),
				  PLAN_ALIGN);
	uint64_t segment;

	if (!add_cpu_needs(&plan, image, report))
		return NULL;
	builder_reserve(&builder, sizeof(plan));
	add_all_tables(&builder, &plan, image, layout);
	free(builder.strings);
	builder.size = align_up(builder.size, TABLE_ALIGN);

	segment = align_up(code + builder.size + following, image->page_size);
	if (segment > LAYOUT_RESTARTER_ROOM - PLAN_SCRATCH_SIZE) {
		report_error(report, NO_ROOM, "the restarter's plan is too large: %zu bytes",
			     builder.size + following);
		free(builder.bytes);
		return NULL;
	}
	plan.size = (uint32_t)builder.size;
	plan.scratch = layout->restarter + segment;
	plan.scratch_end = plan.scratch + PLAN_SCRATCH_SIZE;
	plan.parking = plan.scratch_end + PLAN_STRINGS_ROOM;
	memcpy(builder.bytes, &plan, sizeof(plan));
	*ret_size = builder.size;
	return (struct plan *)builder.bytes;
}
