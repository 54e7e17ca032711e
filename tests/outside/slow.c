/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `slow LINE`: adds up the numbers in standard input. After that line, it makes the file "half" and
 * waits for the file "go".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long stop = argc > 1 ? atol(argv[1]) : 0, number = 0;
	long long sum = 0;
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		sum += atoll(line);
		if (++number != stop)
			continue;
		close(open("half", O_WRONLY | O_CREAT, 0600));
		while (access("go", F_OK))
			usleep(10000);
	}
	printf("%ld lines, %lld\n", number, sum);
	return 0;
}
