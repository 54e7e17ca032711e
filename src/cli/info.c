/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info`: reads a dump, which may be any file at all, and says what is inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/info.h"
#include "dumpfile/dump_text.h"
#include "base/report.h"
#include "base/xalloc.h"


static const char info_help[] =
	"Usage: unexec info [--json | --text] FILE\n"
	"Says what is inside FILE, a dump: memory and where it came from, threads, signals,\n"
	"files that the process had mapped or open, what it needs of the machine.\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n"
	"  --text  the description as the dump holds it\n"
	"  --help  this text\n";

/* ---- Reading ------------------------------------------------------------------------- */

static int __attribute__((format(printf, 2, 3)))
fail(const struct info *info, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "unexec: %s: ", info->path);
	vfprintf(stderr, format, arguments);
	putc('\n', stderr);
	va_end(arguments);
	return -1;
}

static void report_to_fail(void *context, const struct unexec_diagnostic *diagnostic)
{
	fail(context, "%s", diagnostic->text);
}

static int read_segments(struct info *info, Elf *elf)
{
	size_t count;
	GElf_Phdr header;

	if (elf_getphdrnum(elf, &count) != 0)
		return fail(info, "damaged: %s", elf_errmsg(-1));
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, i, &header))
			return fail(info, "damaged: %s", elf_errmsg(-1));
		if (header.p_type != PT_LOAD)
			continue;
		if (header.p_offset > info->file_size ||
		    header.p_filesz > info->file_size - header.p_offset)
			return fail(info, "truncated: a segment lies behind its end");
		info->segment_count++;
		info->segment_size += header.p_filesz;
	}
	return 0;
}

static int read_text(struct info *info, Elf *elf)
{
	info->text = dump_text_read(elf, &info->text_length);
	if (!info->text)
		return fail(info, "not a dump: it has no section " DUMP_TEXT_SECTION);
	return 0;
}

static int read_elf(struct info *info, Elf *elf)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF)
		return fail(info, "not an ELF file");
	if (!gelf_getehdr(elf, &header))
		return fail(info, "damaged: %s", elf_errmsg(-1));
	if (header.e_shoff > info->file_size ||
	    header.e_shnum * (uint64_t)header.e_shentsize > info->file_size - header.e_shoff)
		return fail(info, "truncated: its section headers lie behind its end");
	info->entry = header.e_entry;
	if (read_segments(info, elf) < 0)
		return -1;
	return read_text(info, elf);
}

static int read_file(struct info *info, int fd)
{
	struct stat status;
	int result = -1;
	Elf *elf;

	if (fstat(fd, &status) < 0)
		return fail(info, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fail(info, "not a regular file");
	info->file_size = status.st_size;
	info->disk_usage = (uint64_t)status.st_blocks * 512;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return fail(info, "not an ELF file");
	result = read_elf(info, elf);
	elf_end(elf);
	return result;
}

static struct info_mapped *find_mapped(struct info *info, const char *path)
{
	for (size_t i = 0; i < info->mapped_count; i++)
		if (!strcmp(info->mapped[i].path, path))
			return &info->mapped[i];
	xgrow(info->mapped, info->mapped_count, info->mapped_room);
	info->mapped[info->mapped_count] = (struct info_mapped){ .path = path };
	return &info->mapped[info->mapped_count++];
}

static void add_region(struct info *info, const struct region *region)
{
	uint64_t size = range_length(region->range), data_size = info_data_size(region);
	struct info_mapped *mapped;

	info->memory_size += size;
	info->data_size += data_size;
	if (region->name[0] != '/')
		return;
	mapped = find_mapped(info, region->name);
	mapped->size += size;
	mapped->data_size += data_size;
	mapped->at_start |= !!(region->flags & REGION_REOPEN);
}

static int read_dump(struct info *info)
{
	struct report report = { .sink = report_to_fail, .context = info };
	int fd = open(info->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;

	if (fd < 0)
		return fail(info, "%s", strerror(errno));
	result = read_file(info, fd);
	close(fd);
	if (result < 0)
		return -1;

	info->image = image_parse(info->text, info->text_length, &report);
	if (!info->image)
		return -1;
	for (size_t i = 0; i < info->image->region_count; i++)
		add_region(info, &info->image->regions[i]);
	return 0;
}

/* ---- For both ways to show it -------------------------------------------------------- */

uint64_t info_data_size(const struct region *region)
{
	uint64_t size = 0;

	for (size_t i = 0; i < region->data_count; i++)
		size += range_length(region->data[i]);
	return size;
}

const char *info_machine_name(uint32_t machine)
{
	static char number[32];

	switch (machine) {
	case EM_X86_64:
		return "x86-64";
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

/* ---- The verb ------------------------------------------------------------------------ */

enum format { FORMAT_REPORT, FORMAT_JSON, FORMAT_TEXT, FORMAT_HELP, FORMAT_WRONG };

/* Leaves optind at the first argument that is no option. */
static enum format parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, FORMAT_JSON },
		{ "text", no_argument, NULL, FORMAT_TEXT },
		{ "help", no_argument, NULL, FORMAT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	enum format format = FORMAT_REPORT;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?') {
			fprintf(stderr, "unexec: info: no option '%s'; try 'unexec info --help'\n",
				argv[optind - 1]);
			return FORMAT_WRONG;
		}
		format = option;
		if (format == FORMAT_HELP)
			return format;
	}
	if (argc - optind != 1) {
		fputs("unexec: info: one FILE is needed; try 'unexec info --help'\n", stderr);
		return FORMAT_WRONG;
	}
	return format;
}

static int show(const struct info *info, enum format format)
{
	if (format == FORMAT_JSON)
		return info_print_json(info);
	if (format == FORMAT_TEXT)
		fwrite(info->text, 1, info->text_length, stdout);
	else
		info_print(info);
	return 0;
}

int cli_info(int argc, char **argv)
{
	enum format format = parse_options(argc, argv);
	struct info info = { 0 };
	int result;

	if (format == FORMAT_HELP) {
		fputs(info_help, stdout);
		return CLI_OK;
	}
	if (format == FORMAT_WRONG)
		return CLI_USAGE;

	info.path = argv[optind];
	result = read_dump(&info);
	if (result == 0)
		result = show(&info, format);
	image_free(info.image);
	free(info.mapped);
	free(info.text);
	return result == 0 ? CLI_OK : CLI_FAILED;
}
