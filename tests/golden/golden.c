/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A capture source that reads a text: image on standard input, its layout on standard
 * output. With -i the image itself is printed again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "layout/layout.h"

static char *read_all(FILE *stream, size_t *ret_length)
{
	char *text = NULL;
	size_t count = 0, room = 0;
	int c;

	while ((c = getc(stream)) != EOF) {
		xgrow(text, count, room);
		text[count++] = c;
	}
	*ret_length = count;
	return text;
}

int main(int argc, char **argv)
{
	struct report report = { .sink = report_to_stderr };
	struct layout *layout = NULL;
	struct image *image;
	size_t length;
	char *text = read_all(stdin, &length);

	image = image_parse(text, length, &report);
	if (image && argc > 1 && !strcmp(argv[1], "-i"))
		image_print(image, stdout);
	else if (image)
		layout = layout_compute(image, &report);
	if (layout)
		layout_print(layout, stdout);
	layout_free(layout);
	image_free(image);
	free(text);
	return report.status ? 1 : 0;
}
