/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Warnings name System V semaphores and message queues that the process has used, and SEM_UNDO,
 * none of which a dump has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "../lib/roundtrip.h"

static void change(int semaphores, short by, short flags)
{
	struct sembuf operation = { .sem_num = 1, .sem_op = by, .sem_flg = flags };

	CHECK(!semop(semaphores, &operation, 1));
}

/* Warnings with the text and, unless it is -1, the number of an object. */
static int count_warnings(const char *path, const char *text, int id)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	char wanted[80] = "";
	int found = 0;

	if (id >= 0)
		snprintf(wanted, sizeof(wanted), " %d,", id);
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.severity == UNEXEC_WARNING
			 && diagnostic.code == UNEXEC_CODE_SETTING
			 && strstr(diagnostic.text, text) && strstr(diagnostic.text, wanted);
	unexec_report_free(report);
	return found;
}

static void *end(void *argument)
{
	return argument;
}

int main(void)
{
	struct {
		long type;
		char text[4];
	} message = { 1, "abc" };
	int semaphores, queue;
	pthread_t thread;
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!pthread_create(&thread, NULL, end, NULL));
	CHECK(!pthread_join(thread, NULL));
	/* Now the kernel has a list for SEM_UNDO, because threads could share it. */
	CHECK_EQUAL(count_warnings(path, "System V", -1), 0);
	semaphores = semget(IPC_PRIVATE, 2, 0600 | IPC_CREAT);
	if (semaphores < 0 && errno == ENOSYS)
		roundtrip_skip("no System V semaphores here");
	CHECK(semaphores >= 0);
	change(semaphores, 3, 0);
	CHECK_EQUAL(count_warnings(path, "semaphore set", semaphores), 1);
	change(semaphores, -1, SEM_UNDO);
	CHECK_EQUAL(count_warnings(path, "SEM_UNDO", -1), 1);
	CHECK(!semctl(semaphores, 0, IPC_RMID));
	queue = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
	CHECK(queue >= 0);
	CHECK(!msgsnd(queue, &message, sizeof(message.text), 0));
	CHECK_EQUAL(count_warnings(path, "message queue", queue), 1);
	CHECK(!msgctl(queue, IPC_RMID, NULL));
	return 0;
}
