/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The subject of diff.sh: dumps itself as "first", changes some things, and dumps itself as
 * "second".
 */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unexec.h"

#define SIZE (1 << 20)

int changed_counter;
int changed_table[20000];
int unchanged_table[20000] = { 1 };

int main(void)
{
	char *memory;

	if (unexec_dump("first", NULL, NULL) != UNEXEC_DUMPED)
		return unchanged_table[0];
	changed_counter = 5;
	changed_table[0] = 0x01020304;
	changed_table[15000] = 1;
	/* The kernel joins it to no neighbour. */
	memory = mmap(NULL, 3 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(memory + SIZE, SIZE, PROT_READ | PROT_WRITE);
	memory[SIZE + 5000] = 1;
	signal(SIGUSR1, SIG_IGN);
	return unexec_dump("second", NULL, NULL) != UNEXEC_DUMPED;
}
