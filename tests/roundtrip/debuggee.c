/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that gdb.sh debugs: dumps itself into the file it is given; the dump computes something,
 * catches a signal of its own and says "the answer is 42".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <unexec.h>

int inner_function(int number);
int outer_function(int number);

static volatile sig_atomic_t caught;

static void handler(int number)
{
	caught = number;
}

__attribute__((noinline)) int inner_function(int number)
{
	char text[50];

	snprintf(text, sizeof(text), "the answer is %d", number);
	puts(text);
	return number;
}

__attribute__((noinline)) int outer_function(int number)
{
	raise(SIGUSR1);
	return inner_function(number + (caught == SIGUSR1)) - 42; /* no tail call */
}

int main(int argc, char **argv)
{
	volatile int status; /* so that main is not left by a tail call */

	if (argc < 2)
		return 2;
	signal(SIGUSR1, handler);
	status = unexec_dump(argv[1], NULL, NULL);
	if (status != UNEXEC_RESUMED)
		return status != UNEXEC_DUMPED;
	status = outer_function(41);
	return status;
}
