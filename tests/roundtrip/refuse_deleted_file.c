/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open file that has been deleted is refused by its number and name, because it could not be
 * opened again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "../lib/refuse.h"

int main(void)
{
	struct unexec_report *report;
	char *path, *gone, number[30];
	int fd;

	roundtrip_begin();
	path = roundtrip_path("dump");
	gone = roundtrip_path("deleted-file");
	fd = open(gone, O_RDWR | O_CREAT, 0600);
	CHECK(fd > 2 && !unlink(gone));
	report = refuse_dump(path);
	snprintf(number, sizeof(number), "descriptor %d", fd);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, "deleted-file", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	close(fd);
	refuse_now_works(path);
	return 0;
}
