/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info` for people.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/info.h"
#include "base/words.h"

#define TITLE_ROOM 32
#define FIRST_WITHOUT_NAME 32 /* of the kernel's real-time signals */

static void print_info_tunings(const struct info *info)
{
	const char *words;
	size_t length;

	for (size_t i = 0; (words = info_tuning(info, i, &length)); i++)
		printf("  tuned     %s%.*s\n", length ? "with " : "without arguments",
		       (int)length, words);
}

static void print_info_prefault(const struct info *info)
{
	uint32_t sure, all;

	if (!info->plan)
		return;
	sure = info->plan->prefault_sure;
	all = info->plan->prefault.count;
	printf("  prefault  %" PRIu64 " pages", info_prefault_pages(info, 0, sure));
	if (all > sure)
		printf("; %" PRIu64 " more where faults are dear",
		       info_prefault_pages(info, sure, all));
	putchar('\n');
	print_info_tunings(info);
}

static void print_info_head(const struct info *info)
{
	const struct image *image = info->image;
	char first[INFO_SIZE_ROOM], second[INFO_SIZE_ROOM], third[INFO_SIZE_ROOM];

	words_print(stdout, info->path);
	fputs(": dump of ", stdout);
	words_print(stdout, image->program);
	printf(", generation %u\n", image->generation);
	printf("  file      %s, %s on disk\n", info_human(info->file_size, first),
	       info_human(info->disk_usage, second));
	printf("  entry     %#" PRIx64 ", %s\n", info->entry, info_machine_name(image->machine));
	printf("  segments  %" PRIu64 ", %s\n", info->segment_count,
	       info_human(info->segment_size, first));
	printf("  memory    %s in %zu regions: %s content, %s zeros%s\n",
	       info_human(info->memory_size, first), image->region_count,
	       info_human(info->data_size, second),
	       info_human(info->memory_size - info->data_size, third),
	       image->memory == IMAGE_MEMORY_COPY ? "; anonymous again" : "");
	print_info_prefault(info);
	printf("  needs     %s, pages of %u bytes", info_machine_name(image->machine),
	       image->page_size);
	for (size_t i = 0; i < image->need_count; i++) {
		fputs(", ", stdout);
		words_print(stdout, image->needs[i]);
	}
	putchar('\n');
}

static void print_info_region(const struct region *region)
{
	char size[INFO_SIZE_ROOM], data[INFO_SIZE_ROOM];

	printf("  %012" PRIx64 "-%012" PRIx64 " %c%c%c%c %6s %7s  ", region->range.start,
	       region->range.end, region->prot & PROT_READ ? 'r' : '-',
	       region->prot & PROT_WRITE ? 'w' : '-', region->prot & PROT_EXEC ? 'x' : '-',
	       region->flags & REGION_SHARED ? 's' : 'p',
	       info_human(range_length(region->range), size),
	       region->flags & REGION_REOPEN ? "reopen" : info_human(info_data_size(region), data));
	words_print(stdout, *region->name ? region->name : "anonymous");
	putchar('\n');
}

static void print_info_regions(const struct image *image)
{
	printf("\nregions:\n  %-25s %-4s %6s %7s  %s\n", "addresses", "prot", "size", "content",
	       "from");
	for (size_t i = 0; i < image->region_count; i++)
		print_info_region(&image->regions[i]);
}

static void print_info_mapped(const struct info *info)
{
	char size[INFO_SIZE_ROOM], data[INFO_SIZE_ROOM];

	if (info->mapped_count)
		printf("\nmapped files:\n  %6s %7s  %-11s  %s\n", "size", "content", "taken",
		       "from");
	for (size_t i = 0; i < info->mapped_count; i++) {
		const struct info_mapped *mapped = &info->mapped[i];

		printf("  %6s %7s  %-11s  ", info_human(mapped->size, size),
		       info_human(mapped->data_size, data),
		       mapped->at_start ? "at start" : "in the dump");
		words_print(stdout, mapped->path);
		putchar('\n');
	}
}

static void print_info_threads(const struct image *image)
{
	printf("\nthreads: %zu\n", image->thread_count);
	for (size_t i = 0; i < image->thread_count; i++) {
		fputs("  ", stdout);
		words_print(stdout, image->thread_names[i]);
		putchar('\n');
	}
}

/* strsignal() allocates the names of real-time signals, and returns another text if it cannot. */
static const char *signal_title(int number, char text[TITLE_ROOM])
{
	if (number < FIRST_WITHOUT_NAME)
		return strsignal(number);
	if (number < SIGRTMIN)
		snprintf(text, TITLE_ROOM, "Unknown signal %d", number);
	else
		snprintf(text, TITLE_ROOM, "Real-time signal %d", number - SIGRTMIN);
	return text;
}

static void print_info_signals(const struct image *image)
{
	bool first = true;
	char title[TITLE_ROOM];

	for (size_t i = 0; i < image->signal_count; i++) {
		const struct plan_signal *signal = &image->signals[i];

		if (!signal->handler)
			continue;
		if (first)
			puts("\nsignals:");
		first = false;
		printf("  %2u %-26s ", signal->number,
		       signal_title((int)signal->number, title));
		if (signal->handler == 1)
			puts("ignored");
		else
			printf("handler %#" PRIx64 "\n", signal->handler);
	}
}

/* Prints what is created. The text view also has the later steps. */
static void print_info_descriptor(const struct image_file *file)
{
	const struct plan_file *plan = &file->plan;
	char size[INFO_SIZE_ROOM];

	if (!plan_makes_descriptor(plan))
		return;
	printf("  %2d %s", plan->number, info_kind(plan->kind));
	if (plan->kind <= PLAN_FD_OPEN_ANY)
		printf(", %s", info_access(plan->flags));
	if (plan->kind <= PLAN_FD_OPEN_ANY && plan->offset != PLAN_NO_OFFSET)
		printf(" at %" PRIu64, plan->offset);
	if (plan_makes_object(plan->kind))
		printf(", %s", info_human(plan->memory.size, size));
	if (plan->other)
		printf(plan->kind == PLAN_FD_SAME || plan->kind == PLAN_FD_AGAIN ? " of %d"
									    : " and %d",
		       plan->other);
	if (file->path[0]) {
		fputs("  ", stdout);
		words_print(stdout, file->path);
	}
	putchar('\n');
}

static void print_info_descriptors(const struct image *image)
{
	if (image->file_count)
		puts("\ndescriptors, made at start:");
	for (size_t i = 0; i < image->file_count; i++)
		print_info_descriptor(&image->files[i]);
}

void info_print(const struct info *info)
{
	print_info_head(info);
	print_info_regions(info->image);
	print_info_mapped(info);
	print_info_threads(info->image);
	print_info_signals(info->image);
	print_info_descriptors(info->image);
}
