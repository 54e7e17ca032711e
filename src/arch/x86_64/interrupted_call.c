/* SPDX-License-Identifier: MIT
 *
 * x86-64: the system call that a thread is in. After a stop, the kernel continues nanosleep(),
 * poll() and others by restart_syscall(), so that the registers no longer have the number; and a
 * new process cannot continue them so. The code that made the call has the number, in one of three
 * forms:
 *
 *	mov  $230, %eax			most calls
 *	syscall
 *
 *	mov  0x10(%rsp), %rax		glibc since 2.41, of calls that are cancellation
 *	syscall				points (__internal_syscall_cancel), without threads
 *
 *	mov  0x20(%rsp), %rsi		with threads (the same, and __syscall_cancel_arch)
 *	…
 *	call …  ───►  mov  %rsi, %rax
 *		      …
 *		      syscall
 */
#include <string.h>
#include <sys/syscall.h>

#include "arch_code.h"
#include "arch_registers.h"

#define NEAR_CALL 5   /* call with a distance of 32 bits */
#define CODE 40       /* the moves between these instructions take less */

static long loaded_immediate(const unsigned char *end)
{
	uint32_t word;

	memcpy(&word, end - sizeof(word), sizeof(word));
	return end[-5] == 0xb8 ? (long)word : -1;
}

/* The number on the stack, `distance` bytes above `stack`; -1: none. */
static long on_stack(uint64_t stack, unsigned char distance, arch_reader *read, void *context)
{
	uint64_t word;

	return read(context, stack + distance, &word, sizeof(word)) || word > INT32_MAX
		       ? -1 : (long)word;
}

/* The last such instruction in these bytes; NULL: none. */
static const unsigned char *find_last(const unsigned char *code, size_t length,
				      const unsigned char instruction[3])
{
	for (size_t at = length - 3; at--;)
		if (!memcmp(code + at, instruction, 3))
			return code + at;
	return NULL;
}

/* The caller has loaded the number from its stack. */
static long from_caller(uint64_t stack, arch_reader *read, void *context)
{
	static const unsigned char load[] = { 0x48, 0x8b, 0x74 }; /* mov …(%rsp), %rsi */
	unsigned char code[CODE + NEAR_CALL];
	const unsigned char *found;
	uint64_t back;

	if (read(context, stack, &back, sizeof(back))
	    || read(context, back - sizeof(code), code, sizeof(code)) || code[CODE] != 0xe8)
		return -1;
	found = find_last(code, CODE, load);
	return found && found[3] == 0x24
		       ? on_stack(stack + sizeof(back), found[4], read, context) : -1;
}

long arch_syscall_number_in_code(const struct arch_registers *registers, arch_reader *read,
				 void *context)
{
	static const unsigned char load[] = { 0x48, 0x8b, 0x44, 0x24 }; /* mov …(%rsp), %rax */
	static const unsigned char copy[] = { 0x48, 0x89, 0xf0 };	/* mov %rsi, %rax */
	const struct user_regs_struct *from = &registers->user;
	unsigned char code[CODE];
	const unsigned char *end = code + CODE;

	if (read(context, from->rip - ARCH_SYSCALL_LENGTH - CODE, code, sizeof(code)))
		return -1;
	if (loaded_immediate(end) >= 0)
		return loaded_immediate(end);
	if (!memcmp(end - 5, load, sizeof(load)))
		return on_stack(from->rsp, end[-1], read, context);
	if (find_last(code, CODE, copy))
		return from_caller(from->rsp, read, context);
	return -1;
}

bool arch_is_waiting(const struct arch_registers *registers, arch_reader *read, void *context)
{
	static const uint16_t calls[] = {
		SYS_read, SYS_readv, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6,
		SYS_epoll_wait, SYS_epoll_pwait, SYS_recvfrom, SYS_recvmsg, SYS_accept,
		SYS_accept4, SYS_pause, SYS_nanosleep, SYS_clock_nanosleep, SYS_wait4,
		SYS_waitid, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
	};
	const struct user_regs_struct *from = &registers->user;
	bool restarts = arch_restarts_syscall(registers), is_one = false;
	uint64_t number = restarts ? from->orig_rax : from->rax;
	uint64_t counter = restarts ? from->rip - ARCH_SYSCALL_LENGTH : from->rip;
	unsigned char code[ARCH_SYSCALL_LENGTH];

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		is_one |= number == calls[i];
	return is_one && !read(context, counter, code, sizeof(code))
	       && !memcmp(code, ARCH_SYSCALL_CODE, sizeof(code));
}

bool arch_is_syscall(const unsigned char *code)
{
	return !memcmp(code, ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH)
	       || !memcmp(code - ARCH_SYSCALL_LENGTH, ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH);
}
