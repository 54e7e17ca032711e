/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The segment that a dump adds to the process's own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/xalloc.h"
#include "embedded/embedded.h"
#include "writer/plan_writer.h"
#include "writer/restarter_segment.h"
#include "writer/stream.h"

struct range restarter_segment_code(const struct restarter_segment *segment)
{
	return (struct range){ segment->address, segment->address + segment->restarter_size };
}

struct range restarter_segment_text(const struct restarter_segment *segment)
{
	uint64_t start = restarter_segment_code(segment).end;

	return (struct range){ start, start + segment->text_size };
}

struct range restarter_segment_sums(const struct restarter_segment *segment)
{
	uint64_t start = restarter_segment_text(segment).end;

	return (struct range){ start, start + segment->sums_size };
}

struct range restarter_segment_all(const struct restarter_segment *segment)
{
	return (struct range){ segment->address, restarter_segment_sums(segment).end };
}

/* ---- Contents --------------------------------------------------------------------------- */

void restarter_segment_begin(struct restarter_segment *segment, struct capture *capture,
			     const struct layout *layout)
{
	*segment = (struct restarter_segment){ .address = layout->restarter };
	stream_list(capture, layout, &segment->sums);
	for (uint64_t part = SUM_CODE; part <= SUM_TEXT; part++)
		sums_add(&segment->sums, &(struct sum){
			.source = part,
			.prot = PROT_READ | PROT_EXEC,
		});
	segment->sums_size = sums_size(&segment->sums);
}

/* Sets the checksum of a part of this segment; the parts follow each other. */
static void sum_part(struct restarter_segment *segment, uint64_t part, const void *bytes,
		     size_t length)
{
	struct sums *sums = &segment->sums;
	struct sum *sum = &sums->list[sums->count - 1 - SUM_TEXT + part];

	sum->address = part == SUM_CODE ? segment->address : sum[-1].address + sum[-1].length;
	sum->length = (uint32_t)length;
	sum->value = sums_value(bytes, length);
}

static int build_text(struct restarter_segment *segment, const struct image *image,
		      struct report *report)
{
	FILE *stream = open_memstream(&segment->text, &segment->text_size);

	if (!stream) {
		report_errno(report, MEMORY, "cannot make the text of the image");
		return -1;
	}
	image_print(image, stream);
	if (fclose(stream) == 0)
		return 0;
	report_errno(report, MEMORY, "cannot make the text of the image");
	return -1;
}

static int build_restarter(struct restarter_segment *segment, const struct image *image,
			   const struct layout *layout, struct report *report)
{
	size_t code = (size_t)(restarter_blob_end - restarter_blob_start), plan_size;
	uint64_t plan_start = align_up(code, PLAN_ALIGN);
	struct plan *plan = plan_build(image, layout, segment->text_size + segment->sums_size,
				       &plan_size, report);

	if (!plan)
		return -1;
	segment->restarter_size = plan_start + plan_size;
	segment->restarter = xcalloc(1, segment->restarter_size);
	memcpy(segment->restarter, restarter_blob_start, code);
	memcpy(segment->restarter + plan_start, plan, plan_size);
	free(plan);
	sum_part(segment, SUM_CODE, segment->restarter, plan_start);
	sum_part(segment, SUM_PLAN, segment->restarter + plan_start, plan_size);
	return 0;
}

int restarter_segment_build(struct restarter_segment *segment, const struct image *image,
			    const struct layout *layout, struct report *report)
{
	if (build_text(segment, image, report) < 0
	    || build_restarter(segment, image, layout, report) < 0)
		return -1;
	sum_part(segment, SUM_TEXT, segment->text, segment->text_size);
	return 0;
}

void restarter_segment_free(struct restarter_segment *segment)
{
	free(segment->restarter);
	free(segment->text);
	sums_free(&segment->sums);
}

/* ---- Writing ---------------------------------------------------------------------------- */

int restarter_segment_write(const struct restarter_segment *segment, int fd, uint64_t offset,
			    struct report *report)
{
	if (io_write_at(fd, segment->restarter, segment->restarter_size, offset) == 0
	    && io_write_at(fd, segment->text, segment->text_size,
			   offset + segment->restarter_size) == 0)
		return 0;
	report_errno(report, WRITE, "cannot write the restarter");
	return -1;
}

int restarter_segment_write_sums(const struct restarter_segment *segment, int fd,
				 uint64_t offset, struct report *report)
{
	void *bytes = sums_store(&segment->sums);
	int r = io_write_at(fd, bytes, segment->sums_size,
			    offset + segment->restarter_size + segment->text_size);

	if (r < 0)
		report_errno(report, WRITE, "cannot write the checksums");
	free(bytes);
	return r;
}
