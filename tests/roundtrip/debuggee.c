/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that gdb.sh debugs: it dumps itself into the file that is its argument; the dump
 * computes something, catches its own signal and prints "the answer is 42".
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
	volatile int status; /* no tail call out of main */

	if (argc < 2)
		return 2;
	signal(SIGUSR1, handler);
	status = unexec_dump(argv[1], NULL, NULL);
	if (status != UNEXEC_RESUMED)
		return status != UNEXEC_DUMPED;
	status = outer_function(41);
	return status;
}
