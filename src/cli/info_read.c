/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a dump, which may be any file at all, for `unexec info`.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch_machine.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "cli/info.h"
#include "dumpfile/dump_text.h"

#define fail_info(info, ...) (report_line((info)->path, UNEXEC_ERROR, __VA_ARGS__), -1)

static int read_info_segments(struct info *info, Elf *elf)
{
	size_t count;
	GElf_Phdr header;

	if (elf_getphdrnum(elf, &count) != 0)
		return fail_info(info, "damaged: %s", elf_errmsg(-1));
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, i, &header))
			return fail_info(info, "damaged: %s", elf_errmsg(-1));
		if (header.p_type != PT_LOAD)
			continue;
		if (header.p_offset > info->file_size ||
		    header.p_filesz > info->file_size - header.p_offset)
			return fail_info(info, "truncated: a segment lies beyond the end of the file");
		info->segment_count++;
		info->segment_size += header.p_filesz;
	}
	return 0;
}

static int read_info_text(struct info *info, Elf *elf)
{
	info->plan = dump_plan_read(elf);
	info->text = dump_text_read(elf, &info->text_length);
	if (!info->text)
		return fail_info(info, "not a dump: it has no section " DUMP_TEXT_SECTION);
	return 0;
}

static int read_info_elf(struct info *info, Elf *elf)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF)
		return fail_info(info, "not an ELF file");
	if (!gelf_getehdr(elf, &header))
		return fail_info(info, "damaged: %s", elf_errmsg(-1));
	if (header.e_shoff > info->file_size ||
	    header.e_shnum * (uint64_t)header.e_shentsize > info->file_size - header.e_shoff)
		return fail_info(info, "truncated: its section headers lie beyond the end of the file");
	info->entry = header.e_entry;
	if (read_info_segments(info, elf) < 0)
		return -1;
	return read_info_text(info, elf);
}

static int read_info_file(struct info *info, int fd)
{
	struct stat status;
	int result = -1;
	Elf *elf;

	if (fstat(fd, &status) < 0)
		return fail_info(info, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fail_info(info, "not a regular file");
	info->file_size = status.st_size;
	info->disk_usage = (uint64_t)status.st_blocks * 512;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return fail_info(info, "not an ELF file");
	result = read_info_elf(info, elf);
	elf_end(elf);
	return result;
}

static struct info_mapped *find_info_mapped(struct info *info, const char *path)
{
	for (size_t i = 0; i < info->mapped_count; i++)
		if (!strcmp(info->mapped[i].path, path))
			return &info->mapped[i];
	xgrow(info->mapped, info->mapped_count, info->mapped_room);
	info->mapped[info->mapped_count] = (struct info_mapped){ .path = path };
	return &info->mapped[info->mapped_count++];
}

static void add_info_region(struct info *info, const struct region *region)
{
	uint64_t size = range_length(region->range), data_size = info_data_size(region);
	struct info_mapped *mapped;

	info->memory_size += size;
	info->data_size += data_size;
	if (region->name[0] != '/')
		return;
	mapped = find_info_mapped(info, region->name);
	mapped->size += size;
	mapped->data_size += data_size;
	mapped->at_start |= !!(region->flags & REGION_REOPEN);
}

struct range info_prefault_run(const struct info *info, uint32_t index)
{
	uint64_t word, page = info->image->page_size;

	memcpy(&word, (const char *)info->plan + info->plan->prefault.offset
		      + index * sizeof(word), sizeof(word));
	return (struct range){ word & ~PLAN_PREFAULT_PAGES, (word & ~PLAN_PREFAULT_PAGES)
			       + (word & PLAN_PREFAULT_PAGES) * page };
}

const char *info_tuning(const struct info *info, size_t index, size_t *ret_length)
{
	const char *at = (const char *)info->plan + info->plan->tuned.offset;
	const char *end = at + info->plan->tuned.count, *line;

	for (; at < end; at = line + 1, index--) {
		line = memchr(at, '\n', (size_t)(end - at));
		if (!line)
			break;
		*ret_length = (size_t)(line - at);
		if (!index)
			return at;
	}
	return NULL;
}

uint64_t info_prefault_pages(const struct info *info, uint32_t first, uint32_t end)
{
	uint64_t bytes = 0;

	for (uint32_t i = first; i < end; i++)
		bytes += range_length(info_prefault_run(info, i));
	return bytes / info->image->page_size;
}

int info_read(struct info *info)
{
	struct report report = { .sink = report_to_stderr, .context = (void *)info->path };
	int fd = open(info->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;

	if (fd < 0)
		return fail_info(info, "%s", strerror(errno));
	result = read_info_file(info, fd);
	close(fd);
	if (result < 0)
		return -1;

	info->image = image_parse(info->text, info->text_length, &report);
	if (!info->image)
		return -1;
	for (size_t i = 0; i < info->image->region_count; i++)
		add_info_region(info, &info->image->regions[i]);
	return 0;
}

void info_free(struct info *info)
{
	image_free(info->image);
	free(info->mapped);
	free(info->text);
	free(info->plan);
}

/* ---- Facts, in words -------------------------------------------------------------------- */

uint64_t info_data_size(const struct region *region)
{
	uint64_t size = 0;

	for (size_t i = 0; i < region->data_count; i++)
		size += range_length(region->data[i]);
	return size;
}

const char *info_human(uint64_t size, char text[INFO_SIZE_ROOM])
{
	static const char units[] = "KMGTPE";
	double value = size;
	int unit = -1;

	while (value >= 1023.5) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(text, INFO_SIZE_ROOM, "%" PRIu64, size);
	else
		snprintf(text, INFO_SIZE_ROOM, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return text;
}

const char *info_machine_name(uint32_t machine)
{
	static char number[32];

	switch (machine) {
	case ARCH_MACHINE:
		return ARCH_NAME;
	case EM_AARCH64:
		return "aarch64";
	}
	snprintf(number, sizeof(number), "machine %u", machine);
	return number;
}

const char *info_kind(uint32_t kind)
{
	static const char *const kinds[] = {
#define SHOWN_NAME(name, keyword, phase, shown, ...) [PLAN_FD_##name] = shown,
		DESCRIPTOR_KINDS(SHOWN_NAME)
	};

	return kinds[kind];
}

const char *info_access(uint32_t flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return "read";
	case O_WRONLY:
		return "write";
	}
	return "read and write";
}
