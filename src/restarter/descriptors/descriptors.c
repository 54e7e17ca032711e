/* SPDX-License-Identifier: MIT
 *
 * Restores the descriptors in the plan's order, each with its own number and flags.
 */
#include "descriptors.h"

/* A switch, since a table of pointers would need relocations. */
static void restore_step(struct fd_step *step)
{
	switch (step->file->kind) {
#define FD_CASE(name, keyword, phase, shown, capture, restore, ...) \
	case PLAN_FD_##name: restore(step); break;
	DESCRIPTOR_KINDS(FD_CASE)
#undef FD_CASE
	}
}

void descriptors_restore_objects(const struct plan *plan)
{
	struct fd_step step = { .plan = plan };
	int nameless = 0;

	for_table(const struct plan_file, file, plan, files) {
		int is_object = plan_is_object(file->kind);

		if (nameless && (!is_object || plan_makes_object(file->kind)))
			sys(__NR_close, step.object);
		nameless = is_object && !file->number;
		step.file = file;
		if (is_object)
			restore_step(&step);
	}
	if (nameless)
		sys(__NR_close, step.object);
}

void descriptors_restore(const struct plan *plan)
{
	for_table(const struct plan_file, file, plan, files) {
		struct fd_step step = { .plan = plan, .file = file };

		/* The object has its content by now. */
		if (file->kind == PLAN_FD_FILL)
			sys(__NR_munmap, file->fill.source, file->fill.length);
		else if (!plan_is_object(file->kind))
			restore_step(&step);
	}
}
