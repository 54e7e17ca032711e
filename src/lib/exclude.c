/* SPDX-License-Identifier: MIT
 *
 * Ranges that are zero in dumps. The original checks them before anything is stopped; the
 * frozen copy zeroes them.
 *
 * A range may be a nearly empty reservation of a terabyte. So the cost depends on the number of
 * mappings and present pages, not on the length.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "state.h"

/* The list is memory of the program, so a dump preserves it. */
static struct handoff_excluded *excluded;

#define FOR_EXCLUDED(range) \
	for (struct handoff_excluded *range = excluded; range; \
	     range = (struct handoff_excluded *)range->next)

uint64_t exclude_first(void)
{
	return (uint64_t)excluded;
}

int unexec_exclude(void *start, size_t length)
{
	struct handoff_excluded *range;

	if (!length || (uintptr_t)start + length < (uintptr_t)start)
		return UNEXEC_INVALID;
	range = malloc(sizeof(*range));
	if (!range)
		return UNEXEC_NOMEM;
	*range = (struct handoff_excluded){ .next = exclude_first(),
					    .start = (uintptr_t)start,
					    .end = (uintptr_t)start + length };
	excluded = range;
	return 0;
}

/* ---- In the original -------------------------------------------------------------------- */

static int fail_range(struct unexec_report *report, const struct handoff_excluded *range,
		      const char *what, const char *name)
{
	char text[480];

	snprintf(text, sizeof(text),
		 "the excluded range 0x%llx-0x%llx is not the process's own writable memory: "
		 "0x%llx is %s%s", (unsigned long long)range->start,
		 (unsigned long long)range->end, (unsigned long long)range->checked, what, name);
	report_put(report, &(struct unexec_diagnostic){
		.severity = UNEXEC_ERROR,
		.code = UNEXEC_CODE_ARGUMENT,
		.stage = UNEXEC_STAGE_PREPARE,
		.start = range->start,
		.end = range->end,
		.text = text,
	});
	return status_of_code(UNEXEC_CODE_ARGUMENT);
}

/* Zeroing memory that is shared with a file would write to the file. */
static int check_in_mapping(struct handoff_excluded *range, const struct maps_entry *entry,
		       struct unexec_report *report)
{
	if (entry->start > range->checked || entry->end <= range->checked)
		return 0;
	if (entry->permissions[1] != 'w')
		return fail_range(report, range, "not writable", "");
	if (entry->permissions[3] == 's' && !shared_is_object(entry))
		return fail_range(report, range, "shared with ", entry->name);
	range->checked = entry->end;
	return 0;
}

static int check_all_mapped(struct unexec_report *report)
{
	FOR_EXCLUDED(range)
		if (range->checked < range->end)
			return fail_range(report, range, "not mapped", "");
	return 0;
}

int exclude_check(struct unexec_report *report)
{
	struct maps_reader reader = { .descriptor = -1 };
	struct maps_entry entry;
	int status = 0;

	if (!excluded)
		return 0;
	reader.descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (reader.descriptor < 0)
		return report_fail(report, UNEXEC_CODE_NO_PROC, errno,
				   "cannot read /proc/self/maps");
	FOR_EXCLUDED(range)
		range->checked = range->start;
	while (!status && maps_next(&reader, &entry))
		FOR_EXCLUDED(range)
			if (!status && range->checked < range->end)
				status = check_in_mapping(range, &entry, report);
	close((int)reader.descriptor);
	if (!status && maps_failed(&reader))
		return report_fail(report, UNEXEC_CODE_NO_PROC, (int)-maps_failed(&reader),
				   "cannot read /proc/self/maps");
	return status ? status : check_all_mapped(report);
}

/* ---- In the copy: raw system calls only -------------------------------------------------- */

/* Part of /proc/self/pagemap: one word a page (Documentation/admin-guide/mm/pagemap.rst), 0
 * if the page has never been present. */
struct presence {
	int descriptor;
	uint64_t first; /* page number of words[0] */
	long count;
	uint64_t words[512];
};

static bool may_have_content(struct presence *presence, uint64_t address)
{
	uint64_t page = address / page_size();

	if (page - presence->first >= (uint64_t)presence->count) {
		long got = sys(SYS_pread64, presence->descriptor, presence->words,
			       sizeof(presence->words), page * sizeof(uint64_t));

		presence->first = page;
		presence->count = got > 0 ? got / 8 : 0;
	}
	return !presence->count || presence->words[page - presence->first] >> 61;
}

/* not more than a page */
#define PIECE 4096

/* Zeroes by /proc/self/mem, which can also write read-only memory. */
static long zero_piece(int mem, uint64_t at, uint64_t length)
{
	static const char zeros[PIECE];
	char bytes[sizeof(zeros)];
	long got = sys(SYS_pread64, mem, bytes, length, at);

	if (got <= 0 || !memcmp(bytes, zeros, (size_t)got))
		return got < 0 ? got : 0;
	got = sys(SYS_pwrite64, mem, zeros, length, at);
	if (got >= 0 && (uint64_t)got < length)
		return -ENOMEM;
	return got < 0 ? got : 0;
}

/* In a file mapping, pages that are not present have the file's content. */
static long zero_pages(const struct handoff_fds *fds, uint64_t start, uint64_t end, bool of_file)
{
	struct presence presence = { .descriptor = fds->pagemap };
	long failed = 0;

	for (uint64_t at = start; at < end && !failed;) {
		uint64_t step = PIECE - at % PIECE;

		step = step < end - at ? step : end - at;
		if (of_file || may_have_content(&presence, at))
			failed = zero_piece(fds->mem, at, step);
		if (failed == -EIO) /* a guard, or after the end of the file: no page */
			failed = 0;
		at += step;
	}
	return failed;
}

/* Zeroes the part of a range that lies in one mapping. */
static long zero_part(const struct handoff_fds *fds, const struct maps_entry *entry,
		      uint64_t start, uint64_t end)
{
	bool of_file = entry->name[0] == '/';
	uint64_t page = page_size(), first = (start + page - 1) & -page, last = end & -page;
	long failed;

	/* Discarded pages of anonymous memory read as zero. */
	if (of_file || first >= last || sys(SYS_madvise, first, last - first, MADV_DONTNEED))
		return zero_pages(fds, start, end, of_file);
	failed = zero_pages(fds, start, first, false);
	return failed ? failed : zero_pages(fds, last, end, false);
}

long exclude_zero(const struct handoff_fds *fds, int maps)
{
	struct maps_reader reader = { .descriptor = maps };
	struct maps_entry entry;
	long failed = 0;

	while (!failed && excluded && maps_next(&reader, &entry)) {
		if (entry.permissions[3] == 's')
			continue; /* it is other processes' memory, too; the writer omits it */
		FOR_EXCLUDED(range) {
			uint64_t start = range->start > entry.start ? range->start : entry.start;
			uint64_t end = range->end < entry.end ? range->end : entry.end;

			if (start < end && !failed)
				failed = zero_part(fds, &entry, start, end);
		}
	}
	return failed ? failed : maps_failed(&reader);
}
