/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages keep their protection and content: none, read-only, writable, executable, writable and
 * executable (with code made at run time).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PAGE 4096
#define PAGES 8

static const int protections[PAGES] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
	PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC,
	PROT_READ, PROT_READ | PROT_WRITE };

#if defined(__x86_64__)
static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42, %eax; ret */
#define CODE_NUMBER 1
#elif defined(__aarch64__)
static const unsigned char code[] = { 0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6 };
#endif

static int call(char *page)
{
	int (*function)(void) = (int (*)(void))(uintptr_t)page;

	__builtin___clear_cache(page, page + sizeof(code));
	return function();
}

/* Checks that /proc/self/maps has the protection. */
static void check_protection(const char *page, int protection)
{
	char *maps = roundtrip_read("/proc/self/maps"), mode[5];
	unsigned long start, end;

	for (char *line = maps; *line; line = strchr(line, '\n') + 1) {
		CHECK(sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3);
		if ((uintptr_t)page >= start && (uintptr_t)page < end) {
			CHECK_EQUAL(mode[0] == 'r', !!(protection & PROT_READ));
			CHECK_EQUAL(mode[1] == 'w', !!(protection & PROT_WRITE));
			CHECK_EQUAL(mode[2] == 'x', !!(protection & PROT_EXEC));
			free(maps);
			return;
		}
	}
	CHECK(!"mapped");
}

int main(void)
{
	char *memory, *jit;

	roundtrip_begin();
	memory = mmap(NULL, PAGE * PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	CHECK(memory != MAP_FAILED);
	for (int i = 0; i < PAGES; i++) {
		memset(memory + i * PAGE, 'a' + i, PAGE);
		memcpy(memory + i * PAGE, code, sizeof(code));
		CHECK(!mprotect(memory + i * PAGE, PAGE, protections[i]));
	}
	jit = memory + 5 * PAGE;
	CHECK_EQUAL(call(jit), 42);
	roundtrip_cut();
	for (int i = 0; i < PAGES; i++)
		check_protection(memory + i * PAGE, protections[i]);
	CHECK_EQUAL(call(jit), 42);
	CHECK_EQUAL(call(memory + 4 * PAGE), 42);
#ifdef CODE_NUMBER
	jit[CODE_NUMBER] = 43;
	CHECK_EQUAL(call(jit), 43);
#endif
	CHECK(!mprotect(memory + 2 * PAGE, PAGE, PROT_READ));
	for (int i = 0; i < PAGES; i++)
		CHECK(memory[i * PAGE + 100] == 'a' + i && memory[i * PAGE + 4095] == 'a' + i);
	memory[0] = 1;
	CHECK(!mprotect(memory + PAGE, PAGE, PROT_READ | PROT_WRITE));
	memory[PAGE] = 1;
	return 0;
}
