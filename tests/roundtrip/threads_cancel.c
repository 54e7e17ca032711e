/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that is cancelled while it dumps ends after the dump: the dump is complete, and the
 * next one can be made. In the dump the thread can be cancelled as before.
 */
#define _GNU_SOURCE
#include "threads.h"

static struct thread dumper;
static volatile int status = -99;

static int cancel_me(void *unused)
{
	(void)unused;
	return status == -99 ? pthread_cancel(dumper.id) : 0;
}

static void *dump(void *path)
{
	int state;

	status = roundtrip_dump(path, &keep_all);
	CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state), 0);
	CHECK_EQUAL(state, PTHREAD_CANCEL_ENABLE);
	pthread_testcancel();
	CHECK(!"reached");
	return path;
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	unexec_on_dump(cancel_me, NULL);
	thread_start(&dumper, dump, path);
	CHECK(thread_join(&dumper) == PTHREAD_CANCELED);
	CHECK_EQUAL(status, unexec_generation());
	if (unexec_generation())
		return 0;
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	CHECK_EQUAL(roundtrip_dump(path, NULL), UNEXEC_DUMPED);
	return 0;
}
