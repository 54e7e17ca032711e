/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One report lists all obstacles, nothing is written, and the old file is unchanged; a dump
 * without the obstacles replaces it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/refuse.h"

static int ends[2];
static pthread_barrier_t barrier;

static void *wait_for_end(void *unused)
{
	char byte;

	pthread_setname_np(pthread_self(), "obstacle");
	pthread_barrier_wait(&barrier);
	return read(ends[0], &byte, 1) ? unused : NULL;
}

static void write_old(const char *path)
{
	FILE *stream = fopen(path, "w");

	fputs("the old file", stream);
	fclose(stream);
}

int main(void)
{
	struct unexec_report *report;
	char *path, *gone, *other;
	pthread_t thread;

	roundtrip_begin();
	path = roundtrip_path("dump");
	gone = roundtrip_path("gone");
	write_old(path);
	CHECK(!pipe(ends));
	pthread_barrier_init(&barrier, NULL, 2);
	CHECK(!pthread_create(&thread, NULL, wait_for_end, NULL));
	pthread_barrier_wait(&barrier);
	CHECK(!mkfifo(roundtrip_path("fifo"), 0600));
	CHECK(open(roundtrip_path("fifo"), O_RDONLY | O_NONBLOCK) > 2);
	CHECK(open("/dev/ptmx", O_RDWR | O_NOCTTY) > 2);
	CHECK(!mkdir(roundtrip_path("elsewhere"), 0700));
	other = roundtrip_path("elsewhere/other");
	CHECK(open(gone, O_RDWR | O_CREAT, 0600) > 2);
	CHECK(!link(gone, other) && !unlink(gone));
	for (int i = 0; i < 3; i++) {
		report = refuse_dump(path);
		refuse_expect(report, UNEXEC_CODE_THREAD, "obstacle", NULL);
		refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "named pipe", NULL);
		refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "ptmx", NULL);
		refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "gone", NULL);
		CHECK_EQUAL(refuse_errors(report), 4);
		CHECK_STRING(roundtrip_read(path), "the old file");
		unexec_report_free(report);
	}
	close(ends[1]);
	CHECK(!pthread_join(thread, NULL));
	close_from(3);
	refuse_now_works(path);
	return 0;
}
