/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open file whose name has been deleted is refused by its number and name if it has another name
 * in another directory: a copy would not be that file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/refuse.h"

int main(void)
{
	struct unexec_report *report;
	char *path, *gone, *other, number[30];
	int fd;

	roundtrip_begin();
	path = roundtrip_path("dump");
	gone = roundtrip_path("deleted-file");
	fd = open(gone, O_RDWR | O_CREAT, 0600);
	CHECK(!mkdir(roundtrip_path("elsewhere"), 0700));
	other = roundtrip_path("elsewhere/other");
	CHECK(fd > 2 && !link(gone, other) && !unlink(gone));
	report = refuse_dump(path);
	snprintf(number, sizeof(number), "descriptor %d", fd);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, "deleted-file", "has another", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	close(fd);
	refuse_now_works(path);
	return 0;
}
