/* SPDX-License-Identifier: MIT
 *
 * x86-64: the code of the vDSO proxy.
 */
#include <string.h>
#include <sys/syscall.h>

#include "arch_vdso.h"

static const struct {
	const char *name;
	int32_t number;
} vdso_calls[] = {
	{ "clock_gettime", SYS_clock_gettime },
	{ "gettimeofday", SYS_gettimeofday },
	{ "time", SYS_time },
	{ "getcpu", SYS_getcpu },
	{ "clock_getres", SYS_clock_getres },
	{ "getrandom", SYS_getrandom },
};

/* The number of the system call that does what the function does, or -1. */
static int32_t call_number(const char *name)
{
	static const char prefix[] = "__vdso_";

	if (!strncmp(name, prefix, sizeof(prefix) - 1))
		name += sizeof(prefix) - 1;
	for (size_t i = 0; i < sizeof(vdso_calls) / sizeof(*vdso_calls); i++)
		if (!strcmp(name, vdso_calls[i].name))
			return vdso_calls[i].number;
	return -1;
}

size_t arch_vdso_proxy_code(unsigned char *code, size_t room, uint64_t address, uint64_t slot,
			const char *name, uint64_t *ret_fallback)
{
	unsigned char bytes[14] = {
		0xff, 0x25, 0, 0, 0, 0,       /* jmp *slot(%rip) */
		0xb8, 0, 0, 0, 0,             /* mov $number, %eax */
		0x0f, 0x05,                   /* syscall: takes the same registers, but the
						 fourth, which none of these calls has */
		0xc3,                         /* ret */
	};
	static const unsigned char not_there[8] = {
		0x48, 0xc7, 0xc0, 0xda, 0xff, 0xff, 0xff, /* mov $-ENOSYS, %rax */
		0xc3,
	};
	int32_t distance = (int32_t)(int64_t)(slot - (address + 6));
	int32_t number = call_number(name);

	if (room < sizeof(bytes))
		return 0;
	memcpy(bytes + 2, &distance, 4);
	memcpy(bytes + 7, &number, 4);
	if (number < 0)
		memcpy(bytes + 6, not_there, sizeof(not_there));
	memcpy(code, bytes, sizeof(bytes));
	*ret_fallback = address + 6;
	return sizeof(bytes);
}
