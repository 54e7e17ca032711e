/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes dumps: makes and writes the parts of a file in their order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "dumpfile/dump_text.h"
#include "elf/symbols.h"
#include "writer/headers.h"
#include "writer/program_headers.h"
#include "writer/restarter_segment.h"
#include "writer/sections.h"
#include "writer/stream.h"
#include "writer/writer.h"


struct writer {
	int fd;
	struct capture *capture;
	const struct layout *layout;
	struct report *report;
	struct program_headers program;
	struct restarter_segment own;
	struct sections sections; /* of all segments */
	struct elf_symbols symbols;
};

static void writer_free(struct writer *w)
{
	sections_free(&w->sections);
	elf_symbols_free(&w->symbols);
	restarter_segment_free(&w->own);
	free(w->program.list);
}

static int make_program_headers(struct writer *w)
{
	return program_headers_make(&w->program, w->capture->image, w->layout,
				    restarter_segment_all(&w->own), w->report);
}

/* Fails early if there is no room for the program headers. */
static int begin_file(struct writer *w)
{
	restarter_segment_begin(&w->own, w->capture, w->layout);
	return make_program_headers(w);
}

static void insert_section(struct sections *sections, const char *name, struct range range,
			   uint64_t offset)
{
	sections_insert(sections, &(struct section){
		.name = (char *)name,
		.address = range.start,
		.offset = offset,
		.size = range_length(range),
		.prot = PROT_READ | PROT_EXEC,
		.type = SHT_PROGBITS,
	});
}

static void collect_sections(struct writer *w)
{
	uint64_t offset = w->layout->data_end;

	sections_collect(&w->sections, w->capture, w->layout);
	insert_section(&w->sections, DUMP_CODE_SECTION, restarter_segment_code(&w->own), offset);
	/* Some tools that remove sections keep only mapped ones. */
	insert_section(&w->sections, DUMP_TEXT_SECTION, restarter_segment_text(&w->own),
		       offset + w->own.restarter_size);
	insert_section(&w->sections, SUMS_SECTION, restarter_segment_sums(&w->own),
		       offset + w->own.restarter_size + w->own.text_size);
}

static int write_headers(struct writer *w)
{
	const struct headers headers = {
		.machine = (uint16_t)w->capture->image->machine,
		.entry = w->layout->restarter,
		.end = w->layout->data_end + range_length(restarter_segment_all(&w->own)),
		.program = &w->program,
		.sections = &w->sections,
		.symbols = &w->symbols,
	};

	return headers_write(&headers, w->fd, w->report);
}

/* Writes all except the bytes of the process's segments and the checksums. */
static int write_around(struct writer *w)
{
	if (restarter_segment_build(&w->own, w->capture->image, w->layout, w->report) < 0
	    || make_program_headers(w) < 0)
		return -1;
	collect_sections(w);
	elf_symbols_collect(&w->symbols, w->capture, w->report);
	return write_headers(w) < 0
	       || restarter_segment_write(&w->own, w->fd, w->layout->data_end,
					  w->report) < 0 ? -1 : 0;
}

static int write_sums(struct writer *w)
{
	return restarter_segment_write_sums(&w->own, w->fd, w->layout->data_end, w->report);
}

int writer_write(int fd, struct capture *capture, const struct layout *layout,
		 struct report *report)
{
	struct writer writer = {
		.fd = fd,
		.capture = capture,
		.layout = layout,
		.report = report,
	};
	int r = -1;

	if (begin_file(&writer) == 0
	    && stream_segments(fd, capture, layout, &writer.own.sums, report) == 0
	    && write_around(&writer) == 0)
		r = write_sums(&writer);
	writer_free(&writer);
	return r;
}

/* ---- To a pipe -------------------------------------------------------------------------- */

/* Sends [start, end) of w->fd. */
static int send_part(const struct writer *w, int to, uint64_t start, uint64_t end)
{
	char bytes[4096];

	while (start < end) {
		size_t part = end - start < sizeof(bytes) ? end - start : sizeof(bytes);

		if (io_read_at(w->fd, bytes, part, start) < 0 || io_send(to, bytes, part) < 0) {
			report_errno(w->report, WRITE, "cannot send the dump");
			return -1;
		}
		start += part;
	}
	return 0;
}

/* w->fd is a file in memory with a hole in place of the segments. */
static int send_all(struct writer *w, int to, uint64_t *ret_size)
{
	const struct layout *layout = w->layout;
	struct stat status;

	if (stream_scan(w->capture, layout, w->report) < 0 || write_around(w) < 0)
		return -1;
	/* Sections follow the checksums, so the file already has its final size. */
	if (fstat(w->fd, &status) < 0) {
		report_errno(w->report, WRITE, "cannot send the dump");
		return -1;
	}
	*ret_size = (uint64_t)status.st_size;
	return send_part(w, to, 0, layout->data_offset) < 0
	       || stream_send(to, w->capture, layout, &w->own.sums, w->report) < 0
	       || write_sums(w) < 0
	       || send_part(w, to, layout->data_end, *ret_size) < 0 ? -1 : 0;
}

int writer_send(int fd, struct capture *capture, const struct layout *layout,
		struct report *report, uint64_t *ret_size)
{
	struct writer writer = {
		.fd = memfd_create("dump", MFD_CLOEXEC),
		.capture = capture,
		.layout = layout,
		.report = report,
	};
	int r = -1;

	if (writer.fd < 0)
		report_errno(report, WRITE, "cannot create a file in memory");
	else if (begin_file(&writer) == 0)
		r = send_all(&writer, fd, ret_size);
	writer_free(&writer);
	if (writer.fd >= 0)
		close(writer.fd);
	return r;
}
