/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * landlock FILE: forbids itself by Landlock to make directories, and dumps itself into FILE. Both
 * processes print whether they may make one. Status 77: no Landlock here.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <unexec.h>

#ifndef SYS_landlock_create_ruleset /* since 5.13, the same on all architectures */
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

static const uint64_t make_directories = 1 << 7; /* LANDLOCK_ACCESS_FS_MAKE_DIR */

int main(int argc, char **argv)
{
	long rules = syscall(SYS_landlock_create_ruleset, &make_directories,
			     sizeof(make_directories), 0);

	if (argc != 2)
		return 99;
	if (rules < 0)
		return 77;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	    || syscall(SYS_landlock_restrict_self, rules, 0) || close((int)rules))
		return 99;
	if (unexec_dump(argv[1], NULL, NULL) && unexec_generation() == 0)
		return 1;
	puts(mkdir("directory", 0700) ? "forbidden" : "allowed");
	return 0;
}
