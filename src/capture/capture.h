/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source of images. Each kind (a frozen copy, later a process by ptrace, a core file)
 * fills in an image and leaves a way to read memory.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "image/image.h"
#include "image/report.h"

struct capture {
	struct image *image;
	/* Reads `length` bytes of the process at `address` into `buffer`. 0, or -1 with errno.
	 * Patches (image->patches) are not applied. */
	int (*read)(struct capture *capture, uint64_t address, void *buffer, size_t length);
	void (*free)(struct capture *capture);
};

/* Reads into `buffer` what the dump shall hold there: the process's bytes, with the image's
 * patches and without a debugger's breakpoints. 0, or -1 with errno. */
int capture_read(struct capture *capture, uint64_t address, void *buffer, size_t length);

#endif
