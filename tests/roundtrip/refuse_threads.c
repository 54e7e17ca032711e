/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Other threads are refused, each with its name; after they have ended, the dump succeeds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

#include "../lib/refuse.h"

static int release[2];
static pthread_barrier_t barrier;

static void *wait_for_end(void *name)
{
	char byte;

	pthread_setname_np(pthread_self(), name);
	pthread_barrier_wait(&barrier);
	return (void *)(long)read(release[0], &byte, 1);
}

int main(void)
{
	static char names[3][16] = { "reader", "odd (name) 1", "collector" };
	struct unexec_report *report;
	pthread_t threads[3];
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!pipe(release));
	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_create(&threads[i], NULL, wait_for_end, names[i]));
	pthread_barrier_wait(&barrier);
	report = refuse_dump(path);
	for (int i = 0; i < 3; i++)
		refuse_expect(report, UNEXEC_CODE_THREAD, names[i], NULL);
	unexec_report_free(report);
	close(release[1]);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_join(threads[i], NULL));
	close(release[0]);
	refuse_now_works(path);
	return 0;
}
