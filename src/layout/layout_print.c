/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints a layout as text: one segment or operation a line.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "layout/layout.h"

static void print_range(FILE *stream, uint64_t start, uint64_t length, uint32_t prot)
{
	fprintf(stream, "0x%" PRIx64 "-0x%" PRIx64 " %c%c%c", start, start + length,
		prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
		prot & PROT_EXEC ? 'x' : '-');
}

static void print_segment(FILE *stream, const struct segment *segment)
{
	fputs("segment ", stream);
	print_range(stream, segment->range.start, range_length(segment->range), segment->prot);
	fprintf(stream, " offset 0x%" PRIx64, segment->offset);
	if (segment->source != segment->range.start)
		fprintf(stream, " of 0x%" PRIx64, segment->source);
	putc('\n', stream);
}

static void print_op(FILE *stream, const struct plan_op *op)
{
	static const char *const names[] = {
		[PLAN_ANON] = "anon",
		[PLAN_SHARED] = "shared",
		[PLAN_OBJECTS] = "objects",
		[PLAN_FILE] = "file",
		[PLAN_MOVE] = "move",
		[PLAN_COPY] = "copy",
		[PLAN_PROTECT] = "protect",
		[PLAN_ADVISE] = "advise",
		[PLAN_GUARD] = "guard",
		[PLAN_LOCK] = "lock",
		[PLAN_AIO] = "aio",
		[PLAN_SEAL] = "seal",
	};

	fprintf(stream, "%s ", names[op->kind]);
	print_range(stream, op->start, op->length, op->prot);
	switch (op->kind) {
	case PLAN_ANON:
		fprintf(stream, "%s%s", op->flags & PLAN_GROWSDOWN ? " growsdown" : "",
			op->flags & PLAN_NORESERVE ? " noreserve" : "");
		break;
	case PLAN_FILE:
		fprintf(stream, " flags 0x%x region %" PRIu64 " offset 0x%" PRIx64, op->flags,
			op->source, op->offset);
		break;
	case PLAN_COPY:
		fprintf(stream, " offset 0x%" PRIx64, op->offset);
		/* fall through */
	case PLAN_MOVE:
		fprintf(stream, " from 0x%" PRIx64, op->source);
		break;
	case PLAN_LOCK:
		fputs(op->flags ? " onfault" : "", stream);
		break;
	case PLAN_ADVISE:
		fprintf(stream, " advice %u", op->flags);
		break;
	}
	putc('\n', stream);
}

void layout_print(const struct layout *layout, FILE *stream)
{
	fprintf(stream, "low-start 0x%" PRIx64 "\n", layout->low_start);
	fprintf(stream, "restarter 0x%" PRIx64 "\n", layout->restarter);
	fprintf(stream, "stack-floor 0x%" PRIx64 "\n", layout->stack_floor);
	fprintf(stream, "file 0x%" PRIx64 "-0x%" PRIx64 "\n", layout->data_offset,
		layout->data_end);
	for (size_t i = 0; i < layout->segment_count; i++)
		print_segment(stream, &layout->segments[i]);
	for (size_t i = 0; i < layout->op_count; i++)
		print_op(stream, &layout->ops[i]);
}
