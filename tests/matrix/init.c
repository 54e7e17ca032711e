/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first process of a virtual machine that has nothing but a dump: starts it with what it
 * shall read, and switches off.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;

	if (!fork()) {
		if (dup2(open("/words", O_RDONLY), 0) == 0)
			execl("/dump", "dump", (char *)NULL);
		perror("/dump");
		_exit(1);
	}
	wait(&status);
	printf("status %#x\n", (unsigned)status);
	fflush(stdout);
	sleep(1);
	return reboot(RB_AUTOBOOT);
}
