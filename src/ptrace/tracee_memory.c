/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of a process that is held by ptrace, through /proc/PID/mem.
 */
#include "base/io.h"
#include "ptrace/tracee.h"

int tracee_read(struct tracee *tracee, uint64_t address, void *buffer, size_t size)
{
	return io_read_memory(tracee->mem, buffer, size, address);
}

int tracee_write(struct tracee *tracee, uint64_t address, const void *bytes, size_t size)
{
	return io_write_memory(tracee->mem, bytes, size, address);
}
