/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints an image as text, and has the tables of names that printing and parsing share. See
 * text.h for the format.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "image/text.h"
#include "base/words.h"

/* ---- Names of members ---------------------------------------------------------------- */

#define FIELD(type, member, name, hexadecimal) \
	{ name, offsetof(struct type, member), sizeof(((struct type *)0)->member), hexadecimal }
#define END { NULL, 0, 0, false }

const struct text_field text_image_fields[] = {
	FIELD(image, machine, "machine", false),
	FIELD(image, page_size, "page-size", false),
	FIELD(image, generation, "generation", false),
	FIELD(image, boot, "boot", true),
	FIELD(image, stack_limit, "stack-limit", false),
	END
};

const struct text_field text_memory_fields[] = {
	FIELD(image, memory, "mode", false),
	FIELD(image, process.lock_future, "lock-future", false),
	FIELD(image, process.memory_merge, "merge", false),
	END
};

const struct text_field text_mm_fields[] = {
	FIELD(plan_mm, start_code, "start-code", true),
	FIELD(plan_mm, end_code, "end-code", true),
	FIELD(plan_mm, start_data, "start-data", true),
	FIELD(plan_mm, end_data, "end-data", true),
	FIELD(plan_mm, start_brk, "start-brk", true),
	FIELD(plan_mm, brk, "brk", true),
	FIELD(plan_mm, start_stack, "start-stack", true),
	END
};

const struct text_field text_process_fields[] = {
	FIELD(plan_process, dumpable, "dumpable", false),
	FIELD(plan_process, subreaper, "subreaper", false),
	FIELD(plan_process, thp_disable, "thp-disable", false),
	FIELD(plan_process, membarrier, "membarrier", true),
	FIELD(plan_process, timer_slack, "timer-slack", false),
	FIELD(plan_process, pending, "pending", true),
	END
};

const struct text_field text_protection_fields[] = {
	FIELD(plan_protection, no_new_privs, "no-new-privs", false),
	FIELD(plan_protection, mdwe, "mdwe", false),
	FIELD(plan_protection, securebits, "securebits", true),
	FIELD(plan_protection, speculation, "speculation", true),
	END
};

const struct text_field text_settings_fields[] = {
	FIELD(plan_settings, parent_death_signal, "parent-death-signal", false),
	FIELD(plan_settings, tsc, "tsc", false),
	FIELD(plan_settings, memory_failure, "memory-failure", false),
	FIELD(plan_settings, personality, "personality", true),
	FIELD(plan_settings, files, "files", true),
	FIELD(plan_settings, oom_score_adj, "oom-score-adj", true),
	FIELD(plan_settings, coredump_filter, "coredump-filter", true),
	FIELD(plan_settings, umask, "umask", true),
	FIELD(plan_settings, process_id, "process-id", false),
	END
};

const struct text_field text_rights_fields[] = {
	FIELD(plan_rights, limited, "limited", false),
	FIELD(plan_rights, users[0], "real-user", false),
	FIELD(plan_rights, users[1], "effective-user", false),
	FIELD(plan_rights, users[2], "saved-user", false),
	FIELD(plan_rights, users[3], "file-system-user", false),
	FIELD(plan_rights, groups[0], "real-group", false),
	FIELD(plan_rights, groups[1], "effective-group", false),
	FIELD(plan_rights, groups[2], "saved-group", false),
	FIELD(plan_rights, groups[3], "file-system-group", false),
	FIELD(plan_rights, permitted, "permitted", true),
	FIELD(plan_rights, effective, "effective", true),
	FIELD(plan_rights, inheritable, "inheritable", true),
	FIELD(plan_rights, bounding, "bounding", true),
	FIELD(plan_rights, ambient, "ambient", true),
	END
};

const struct text_field text_vdso_fields[] = {
	FIELD(plan_vdso, address, "address", true),
	FIELD(plan_vdso, start, "start", true),
	FIELD(plan_vdso, length[0], "length-0", false),
	FIELD(plan_vdso, length[1], "length-1", false),
	FIELD(plan_vdso, length[2], "length-2", false),
	FIELD(plan_vdso, length[3], "length-3", false),
	FIELD(plan_vdso, build[0], "build-0", true),
	FIELD(plan_vdso, build[1], "build-1", true),
	FIELD(plan_vdso, build[2], "build-2", true),
	FIELD(plan_vdso, build[3], "build-3", true),
	END
};

const struct text_field text_registers_fields[] = {
	FIELD(plan_registers, states, "states", true),
	FIELD(plan_registers, permitted, "permitted", true),
	FIELD(plan_registers, frame_size, "frame-size", false),
	END
};

const struct text_field text_state_fields[] = {
	FIELD(text_state, number, "number", false),
	FIELD(text_state, place, "place", false),
	FIELD(text_state, size, "size", false),
	END
};

const struct text_field text_frame_fields[] = {
	FIELD(plan_frame, address, "address", true),
	END
};

const struct text_field text_thread_fields[] = {
	FIELD(plan_thread, frame, "frame", true),
	FIELD(plan_thread, thread_pointer, "thread-pointer", true),
	FIELD(plan_thread, thread_pointer_2, "thread-pointer-2", true),
	FIELD(plan_thread, clear_child_tid, "clear-child-tid", true),
	FIELD(plan_thread, robust_list, "robust-list", true),
	FIELD(plan_thread, robust_length, "robust-length", false),
	FIELD(plan_thread, rseq, "rseq", true),
	FIELD(plan_thread, rseq_length, "rseq-length", false),
	FIELD(plan_thread, rseq_signature, "rseq-signature", true),
	FIELD(plan_thread, tid_address, "tid-address", true),
	FIELD(plan_thread, policy, "policy", false),
	FIELD(plan_thread, priority, "priority", false),
	FIELD(plan_thread, flags, "flags", true),
	FIELD(plan_thread, nice, "nice", false),
	FIELD(plan_thread, pending, "pending", true),
	FIELD(plan_thread, tid, "tid", false),
	END
};

const struct text_field text_signal_fields[] = {
	FIELD(plan_signal, number, "number", false),
	FIELD(plan_signal, handler, "handler", true),
	FIELD(plan_signal, flags, "flags", true),
	FIELD(plan_signal, restorer, "restorer", true),
	FIELD(plan_signal, mask, "mask", true),
	END
};

const struct text_field text_slot_fields[] = {
	FIELD(image_slot, address, "address", true),
	END
};

const struct text_field text_directory_fields[] = {
	FIELD(text_directory, needed, "needed", false),
	END
};

const struct text_field text_variable_fields[] = {
	FIELD(image_variable, string, "string", true),
	END
};

const struct text_field text_fixup_fields[] = {
	FIELD(plan_fixup, address, "address", true),
	FIELD(plan_fixup, kind, "kind", false),
	FIELD(plan_fixup, which, "which", false),
	END
};

const struct text_field text_timer_fields[] = {
	FIELD(plan_timer, number, "number", false),
	FIELD(plan_timer, clock, "clock", false),
	FIELD(plan_timer, value, "value", true),
	FIELD(plan_timer, signal, "signal", false),
	FIELD(plan_timer, notify, "notify", false),
	FIELD(plan_timer, thread, "thread", false),
	FIELD(plan_timer, clock_thread, "clock-thread", false),
	FIELD(plan_timer, interval_s, "interval-s", false),
	FIELD(plan_timer, interval_ns, "interval-ns", false),
	FIELD(plan_timer, left_s, "left-s", false),
	FIELD(plan_timer, left_ns, "left-ns", false),
	END
};

const struct text_field text_queued_fields[] = {
	FIELD(plan_queued, thread, "thread", true),
	FIELD(plan_queued, sender, "sender", false),
	FIELD(plan_queued, info[0], "info-0", true),
	FIELD(plan_queued, info[1], "info-1", true),
	FIELD(plan_queued, info[2], "info-2", true),
	FIELD(plan_queued, info[3], "info-3", true),
	FIELD(plan_queued, info[4], "info-4", true),
	FIELD(plan_queued, info[5], "info-5", true),
	FIELD(plan_queued, info[6], "info-6", true),
	FIELD(plan_queued, info[7], "info-7", true),
	FIELD(plan_queued, info[8], "info-8", true),
	FIELD(plan_queued, info[9], "info-9", true),
	FIELD(plan_queued, info[10], "info-10", true),
	FIELD(plan_queued, info[11], "info-11", true),
	FIELD(plan_queued, info[12], "info-12", true),
	FIELD(plan_queued, info[13], "info-13", true),
	FIELD(plan_queued, info[14], "info-14", true),
	FIELD(plan_queued, info[15], "info-15", true),
	END
};

const struct text_field text_itimer_fields[] = {
	FIELD(text_itimer, number, "number", false),
	FIELD(text_itimer, itimer.interval_s, "interval-s", false),
	FIELD(text_itimer, itimer.interval_us, "interval-us", false),
	FIELD(text_itimer, itimer.value_s, "value-s", false),
	FIELD(text_itimer, itimer.value_us, "value-us", false),
	END
};

const char *const text_region_flags[] = {
	"shared", "growsdown", "noreserve", "dontdump", "dontfork", "wipeonfork", "hugepage",
	"nohugepage", "mergeable", "reopen", "anonymous", "guard",
	"locked", "lockonfault", "sequential", "random", "aio", "object",
	"sealed", NULL
};

/* ---- Printing ------------------------------------------------------------------------ */

static void print_number(FILE *stream, const struct text_field *field, const void *item)
{
	const char *member = (const char *)item + field->offset;
	uint64_t value = 0;
	uint32_t small;

	if (field->size == sizeof(small)) {
		memcpy(&small, member, sizeof(small));
		value = small;
	} else {
		memcpy(&value, member, sizeof(value));
	}
	if (field->hexadecimal)
		fprintf(stream, "0x%" PRIx64, value);
	else
		fprintf(stream, "%" PRIu64, value);
}

/* Prints a line: KEYWORD FIELD=NUMBER… and, unless NULL, a name. */
static void print_item(FILE *stream, const char *keyword, const struct text_field *fields,
		       const void *item, const char *name)
{
	fputs(keyword, stream);
	for (; fields->name; fields++) {
		fprintf(stream, " %s=", fields->name);
		print_number(stream, fields, item);
	}
	if (name) {
		putc(' ', stream);
		words_print(stream, name);
	}
	putc('\n', stream);
}

static void print_file(FILE *stream, const struct image_file *file)
{
	const struct text_file_kind *kind = &text_file_kinds[file->plan.kind];

	print_item(stream, kind->keyword, kind->fields, &file->plan, file->path);
}

static void print_flags(FILE *stream, uint32_t flags)
{
	const char *before = "";

	for (size_t i = 0; text_region_flags[i]; i++)
		if (flags & UINT32_C(1) << i) {
			fprintf(stream, "%s%s", before, text_region_flags[i]);
			before = ",";
		}
	if (!*before)
		putc('-', stream);
}

static void print_region(FILE *stream, const struct region *region)
{
	fprintf(stream, "region 0x%" PRIx64 "-0x%" PRIx64 " %c%c%c ", region->range.start,
		region->range.end, region->prot & PROT_READ ? 'r' : '-',
		region->prot & PROT_WRITE ? 'w' : '-', region->prot & PROT_EXEC ? 'x' : '-');
	print_flags(stream, region->flags);
	fprintf(stream, " 0x%" PRIx64 " ", region->offset);
	words_print(stream, region->name);
	putc('\n', stream);
	for (size_t i = 0; i < region->data_count; i++)
		fprintf(stream, "  data 0x%" PRIx64 "-0x%" PRIx64 "\n", region->data[i].start,
			region->data[i].end);
}

static bool is_protected(const struct image *image)
{
	const struct plan_protection *protection = &image->protection;

	return protection->no_new_privs || protection->mdwe || protection->securebits;
}

static void print_head(const struct image *image, FILE *stream)
{
	const struct text_field *field;

	fprintf(stream, "unexec-image %d\n", TEXT_VERSION);
	fputs("program ", stream);
	words_print(stream, image->program);
	putc('\n', stream);
	for (field = text_image_fields; field->name; field++) {
		fprintf(stream, "%s ", field->name);
		print_number(stream, field, image);
		putc('\n', stream);
	}
	print_item(stream, "mm", text_mm_fields, &image->mm, NULL);
	print_item(stream, "process", text_process_fields, &image->process, NULL);
	if (image->memory || image->process.lock_future || image->process.memory_merge)
		print_item(stream, "memory", text_memory_fields, image, NULL);
	if (memcmp(&image->settings, &(struct plan_settings){ 0 }, sizeof(image->settings)))
		print_item(stream, "settings", text_settings_fields, &image->settings, NULL);
	if (is_protected(image))
		print_item(stream, "protection", text_protection_fields, &image->protection, NULL);
	if (image->rights.limited)
		print_item(stream, "rights", text_rights_fields, &image->rights, NULL);
	if (image->vdso.address)
		print_item(stream, "vdso", text_vdso_fields, &image->vdso, NULL);
}

static void print_directory(const struct image *image, FILE *stream)
{
	const struct text_directory item = { image->directory_needed };

	if (image->directory)
		print_item(stream, "directory", text_directory_fields, &item, image->directory);
}

static void print_itimers(const struct image *image, FILE *stream)
{
	static const struct plan_itimer stopped;

	for (uint32_t i = 0; i < TEXT_ITIMERS; i++) {
		struct text_itimer item = { i, image->process.itimers[i] };

		if (memcmp(&item.itimer, &stopped, sizeof(stopped)))
			print_item(stream, "itimer", text_itimer_fields, &item, NULL);
	}
}

static void print_registers(const struct image *image, FILE *stream)
{
	const struct plan_registers *registers = &image->registers;

	if (!registers->states)
		return;
	print_item(stream, "registers", text_registers_fields, registers, NULL);
	for (uint32_t i = 0; i < PLAN_STATES; i++) {
		const struct text_state item = { i, registers->places[i], registers->sizes[i] };

		if (item.size)
			print_item(stream, "state", text_state_fields, &item, NULL);
	}
}

void image_print(const struct image *image, FILE *stream)
{
	size_t i;

	print_head(image, stream);
	print_directory(image, stream);
	print_itimers(image, stream);
	for (i = 0; i < image->region_count; i++)
		print_region(stream, &image->regions[i]);
	print_registers(image, stream);
	for (i = 0; i < image->thread_count; i++)
		print_item(stream, "thread", text_thread_fields, &image->threads[i],
			   image->thread_names[i]);
	for (i = 0; i < image->frame_count; i++)
		print_item(stream, "frame", text_frame_fields, &image->frames[i], NULL);
	for (i = 0; i < image->signal_count; i++)
		print_item(stream, "signal", text_signal_fields, &image->signals[i], NULL);
	for (i = 0; i < image->timer_count; i++)
		print_item(stream, "timer", text_timer_fields, &image->timers[i], NULL);
	for (i = 0; i < image->queued_count; i++)
		print_item(stream, "queued", text_queued_fields, &image->queued[i], NULL);
	for (i = 0; i < image->file_count; i++)
		print_file(stream, &image->files[i]);
	for (i = 0; i < image->slot_count; i++)
		print_item(stream, "slot", text_slot_fields, &image->slots[i],
			   image->slots[i].name);
	for (i = 0; i < image->variable_count; i++)
		print_item(stream, "variable", text_variable_fields, &image->variables[i],
			   image->variables[i].name);
	for (i = 0; i < image->fixup_count; i++)
		print_item(stream, "fixup", text_fixup_fields, &image->fixups[i], NULL);
	for (i = 0; i < image->need_count; i++) {
		fputs("need ", stream);
		words_print(stream, image->needs[i]);
		putc('\n', stream);
	}
	fputs("end\n", stream);
}
