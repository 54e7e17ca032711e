/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A warning names the keyrings of the process and of a thread, which a dump lacks.
 */
#define _GNU_SOURCE
#include <linux/keyctl.h>

#include "threads.h"

static pthread_barrier_t barrier;

static long make_key(int keyring)
{
	return syscall(SYS_add_key, "user", "libunexec-test", "x", 1, keyring);
}

static int count_warnings(const char *path, const char *text)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	int found = 0;

	CHECK_EQUAL(unexec_dump(path, &keep_all, report), UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.severity == UNEXEC_WARNING
			 && diagnostic.code == UNEXEC_CODE_SETTING
			 && strstr(diagnostic.text, text);
	unexec_report_free(report);
	return found;
}

static void *have_keyring(void *unused)
{
	CHECK(make_key(KEY_SPEC_THREAD_KEYRING) > 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

int main(void)
{
	struct thread thread;
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	pthread_barrier_init(&barrier, NULL, 2);
	CHECK_EQUAL(count_warnings(path, "keyring"), 0);
	if (make_key(KEY_SPEC_PROCESS_KEYRING) < 0)
		roundtrip_skip("no keys here");
	CHECK_EQUAL(count_warnings(path, "the process has a keyring"), 1);
	thread_start(&thread, have_keyring, NULL);
	pthread_barrier_wait(&barrier);
	CHECK_EQUAL(count_warnings(path, "has a keyring of its own"), 1);
	pthread_barrier_wait(&barrier);
	thread_join(&thread);
	return 0;
}
