/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private mappings of files, read-only and changed, keep their content even if the file is gone
 * at the start, and a mapping beyond the end of its file does no harm.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH (8 << 20)

int main(void)
{
	char *path, *read_only, *changed, *beyond, *dump;
	FILE *stream;
	int fd;

	roundtrip_begin();
	path = roundtrip_path("archive");
	dump = roundtrip_path("dump");
	stream = fopen(path, "w");
	for (int i = 0; i < LENGTH / 8; i++)
		fprintf(stream, "%07d\n", i);
	fclose(stream);
	fd = open(path, O_RDONLY);
	read_only = mmap(NULL, LENGTH, PROT_READ, MAP_PRIVATE, fd, 0);
	changed = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
	beyond = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, LENGTH - 4096);
	CHECK(read_only != MAP_FAILED && changed != MAP_FAILED && beyond != MAP_FAILED);
	close(fd);
	memcpy(changed + 8192, "changed", 7);
	if (roundtrip_dump(dump, NULL) == UNEXEC_DUMPED) {
		CHECK(!unlink(path));
		_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
	}
	for (int i = 0; i < LENGTH / 8; i += 7) {
		char text[9];

		snprintf(text, sizeof(text), "%07d\n", i);
		CHECK(!memcmp(read_only + i * 8, text, 8));
	}
	CHECK(!memcmp(changed, "0000512\n", 8));
	CHECK(!memcmp(changed + 8192, "changed\n", 8));
	changed[0] = 'x';
	CHECK(read_only[4096] == '0');
	CHECK(!memcmp(beyond + 4088, "1048575\n", 8));
	return 0;
}
