/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * getauxval and /proc/self/auxv have the values of the new process: identity, file name, vDSO,
 * and random bytes that differ between starts. A name that the program has set for itself is
 * preserved.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *dump;
static char own_name[] = "own name";

static void check_kernels_copy(void)
{
	Elf64_auxv_t entry;
	int fd = open("/proc/self/auxv", O_RDONLY), seen = 0;

	while (read(fd, &entry, sizeof(entry)) == sizeof(entry) && entry.a_type != AT_NULL) {
		seen++;
		if (entry.a_type == AT_UID)
			CHECK_EQUAL(entry.a_un.a_val, getuid());
		if (entry.a_type == AT_EXECFN)
			CHECK_STRING((const char *)entry.a_un.a_val, dump);
		if (entry.a_type == AT_RANDOM)
			CHECK(!memcmp((void *)entry.a_un.a_val,
				      (void *)getauxval(AT_RANDOM), 16));
	}
	CHECK(seen > 10);
	close(fd);
}

static void resumed(const unsigned char *old)
{
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	const Elf64_Ehdr *vdso = (void *)getauxval(AT_SYSINFO_EHDR);

	CHECK(program_invocation_name == own_name);
	CHECK(program_invocation_short_name != own_name);
	CHECK_STRING(program_invocation_short_name, "dump");
	CHECK_EQUAL(getauxval(AT_UID), getuid());
	CHECK_EQUAL(getauxval(AT_EUID), geteuid());
	CHECK_EQUAL(getauxval(AT_GID), getgid());
	CHECK_EQUAL(getauxval(AT_EGID), getegid());
	CHECK_EQUAL(getauxval(AT_SECURE), 0);
	CHECK_EQUAL(getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
	CHECK_STRING((const char *)getauxval(AT_EXECFN), dump);
	CHECK(vdso && !memcmp(vdso->e_ident, ELFMAG, SELFMAG));
	CHECK(vdso->e_phnum > 0 && vdso->e_phnum < 20);
	CHECK_EQUAL(vdso->e_phentsize, sizeof(Elf64_Phdr));
	CHECK(memcmp(random, old, 16) != 0);
	check_kernels_copy();
	CHECK(write(1, random, 16) == 16);
}

int main(void)
{
	unsigned char old[16];
	char *first, *second;
	char *a, *b;

	roundtrip_begin();
	/* The vectors after the environment are found although unsetenv() moves its end. */
	CHECK(!unsetenv("PATH"));
	program_invocation_name = own_name;
	dump = roundtrip_path("dump");
	first = roundtrip_path("first");
	second = roundtrip_path("second");
	memcpy(old, (void *)getauxval(AT_RANDOM), 16);
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		resumed(old);
		return 0;
	}
	CHECK(freopen(first, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
	CHECK(freopen(second, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
	a = roundtrip_read(first);
	b = roundtrip_read(second);
	CHECK(memcmp(a, b, 16) != 0);
	_exit(0);
}
