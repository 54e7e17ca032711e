/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Registers and signal masks of threads that are held by ptrace.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "arch_registers.h"
#include "arch_vectors.h"
#include "base/xalloc.h"
#include "ptrace/tracee_parts.h"

int tracee_get_registers(pid_t tid, struct arch_registers *ret)
{
	struct iovec vector = { ret, sizeof(*ret) };

	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) ? -1 : 0;
}

int tracee_set_registers(pid_t tid, const struct arch_registers *registers)
{
	struct iovec vector = { (void *)(uintptr_t)registers, sizeof(*registers) };

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &vector) ? -1 : 0;
}

int tracee_set_mask(pid_t tid, uint64_t mask)
{
	return ptrace(PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) ? -1 : 0;
}

static int read_code(void *tracee, uint64_t address, void *buffer, size_t length)
{
	return tracee_read(tracee, address, buffer, length);
}

void tracee_registers(struct tracee *tracee, size_t index, struct arch_registers *ret)
{
	static const int continued[] = { SYS_nanosleep, SYS_clock_nanosleep, SYS_futex,
#ifdef SYS_poll
					 SYS_poll,
#endif
					 SYS_ppoll };
	long number;

	*ret = tracee->threads[index].registers;
	if (arch_syscall_number(ret) != SYS_restart_syscall)
		return;
	number = arch_syscall_number_in_code(ret, read_code, tracee);
	for (size_t i = 0; i < sizeof(continued) / sizeof(*continued); i++)
		if (number == continued[i])
			arch_set_syscall_number(ret, number);
}

int tracee_vector(struct tracee *tracee, size_t index, void **ret, size_t *ret_size)
{
	pid_t tid = tracee->threads[index].tid;
	struct iovec vector = { .iov_len = 1 << 16 };

	vector.iov_base = xmalloc(vector.iov_len);
	/* Processors without such registers have NT_PRFPREG only. */
	if (ptrace(PTRACE_GETREGSET, tid, ARCH_VECTOR_NOTE, &vector)) {
		vector.iov_len = 1 << 16;
		if (ptrace(PTRACE_GETREGSET, tid, NT_PRFPREG, &vector)) {
			free(vector.iov_base);
			return -1;
		}
	}
	*ret = vector.iov_base;
	*ret_size = vector.iov_len;
	return 0;
}
