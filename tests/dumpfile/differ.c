/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The subject of diff.sh: dumps itself as "first", changes some things, and dumps itself as
 * "second".
 */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unexec.h"

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
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory[5000] = 1;
	signal(SIGUSR1, SIG_IGN);
	return unexec_dump("second", NULL, NULL) != UNEXEC_DUMPED;
}
