/* SPDX-License-Identifier: MIT
 *
 * x86-64: the vDSO bridge's code.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "arch_tool.h"

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

/* The frame begins with the ucontext. */
#define REGISTER(name) (offsetof(ucontext_t, uc_mcontext.gregs) + (name) * sizeof(greg_t))
_Static_assert(REGISTER(REG_RIP) + sizeof(greg_t) <= ARCH_FRAME_BYTES, "ARCH_FRAME_BYTES");

static uint64_t in_frame(const unsigned char *frame, size_t offset)
{
	uint64_t value;

	memcpy(&value, frame + offset, sizeof(value));
	return value;
}

const uint16_t arch_frame_registers[ARCH_FRAME_REGISTERS] = {
	REGISTER(REG_RAX), REGISTER(REG_RBX), REGISTER(REG_RCX), REGISTER(REG_RDX),
	REGISTER(REG_RSI), REGISTER(REG_RDI), REGISTER(REG_RBP), REGISTER(REG_R8),
	REGISTER(REG_R9),  REGISTER(REG_R10), REGISTER(REG_R11), REGISTER(REG_R12),
	REGISTER(REG_R13), REGISTER(REG_R14), REGISTER(REG_R15),
};

const uint16_t arch_frame_dwarf[ARCH_DWARF_REGISTERS] = {
	REGISTER(REG_RAX), REGISTER(REG_RDX), REGISTER(REG_RCX), REGISTER(REG_RBX),
	REGISTER(REG_RSI), REGISTER(REG_RDI), REGISTER(REG_RBP), REGISTER(REG_RSP),
	REGISTER(REG_R8),  REGISTER(REG_R9),  REGISTER(REG_R10), REGISTER(REG_R11),
	REGISTER(REG_R12), REGISTER(REG_R13), REGISTER(REG_R14), REGISTER(REG_R15),
	REGISTER(REG_RIP),
};

const unsigned char arch_scratch_registers[ARCH_SCRATCH_REGISTERS] = { 0, 1, 2, 4, 5, 8, 9, 10, 11 };

struct arch_frame_stack arch_frame_stack(const unsigned char *frame)
{
	uint32_t flags;
	struct arch_frame_stack stack = {
		.pointer = in_frame(frame, REGISTER(REG_RSP)),
		.alternate = in_frame(frame, offsetof(ucontext_t, uc_stack.ss_sp)),
		.alternate_size = in_frame(frame, offsetof(ucontext_t, uc_stack.ss_size)),
	};

	memcpy(&flags, frame + offsetof(ucontext_t, uc_stack.ss_flags), sizeof(flags));
	if (flags & SS_DISABLE)
		stack.alternate_size = 0;
	return stack;
}

uint64_t arch_frame_counter(const unsigned char *frame)
{
	return in_frame(frame, REGISTER(REG_RIP));
}

const uint16_t arch_frame_counter_place = REGISTER(REG_RIP);

bool arch_is_system_call(const unsigned char *code)
{
	static const unsigned char syscall[] = { 0x0f, 0x05 };

	return !memcmp(code, syscall, sizeof(syscall))
	       || !memcmp(code - sizeof(syscall), syscall, sizeof(syscall));
}
