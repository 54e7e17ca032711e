/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the memory that the dump shall contain, from any source.
 */
#include <string.h>

#include "capture/capture.h"

static void apply_patch(const struct image_patch *patch, uint64_t address, unsigned char *buffer,
			size_t length)
{
	uint64_t start = patch->address, end = start + patch->length;

	if (start < address)
		start = address;
	if (end > address + length)
		end = address + length;
	if (start < end)
		memcpy(buffer + (start - address), patch->bytes + (start - patch->address),
		       end - start);
}

int capture_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	const struct image *image = capture->image;
	const struct region *region = image_find(image, address);

	/* Regions that the process does not have consist of zeros and patches. */
	if (region && region->added)
		memset(buffer, 0, length);
	else if (capture->read(capture, address, buffer, length))
		return -1;
	for (size_t i = 0; i < image->patch_count; i++)
		apply_patch(&image->patches[i], address, buffer, length);
	return 0;
}

int capture_peek(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	const struct image *image = capture->image;

	if (!image_find(image, address) || !image_find(image, address + length - 1))
		return -1;
	return capture_read(capture, address, buffer, length);
}

int capture_peek_at(void *context, uint64_t address, void *buffer, size_t length)
{
	return capture_peek(context, address, buffer, length);
}

void capture_need_anonymous(struct capture *capture, struct report *report, const char *why)
{
	struct image *image = capture->image;

	if (image->memory == IMAGE_MEMORY_COPY)
		return;
	image->memory = IMAGE_MEMORY_COPY;
	report_note(report, MEMORY_KIND, "the dump reads its memory when it starts (--memory=copy): "
		    "%s", why);
}
