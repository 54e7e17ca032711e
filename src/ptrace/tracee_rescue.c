/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rescue frames, for threads that do our calls when this process is killed. The kernel then
 * lets the thread continue after the instruction that makes the calls. A return follows that
 * instruction, and the stack pointer leads the return to a signal frame with the thread's
 * registers as they were found:
 *
 *       stack pointer ──► | restorer | frame, vector registers |  red zone  | stack in use
 *
 * The overwritten bytes are restored when the thread is put back. If the code has no such
 * instructions, or the stack has no room, there is no rescue frame.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arch_code.h"
#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_registers.h"
#include "arch_vectors.h"
#include "base/xalloc.h"
#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "ptrace/tracee_parts.h"

/* ---- Finding code ------------------------------------------------------------------------ */

#define PIECE 65536
/* The limit for each mapping: the process is held while we search, and libc has what we
 * need. */
#define LOOK_MAX (UINT64_C(4) << 20)

static bool has_all_code(const struct tracee *tracee)
{
	return tracee->instruction
	       && (tracee->adopted || (tracee->call_return && tracee->restorer));
}

/* Searches for the code that has not been found yet. The pieces overlap. */
static void look_for_code(struct tracee *tracee, uint64_t start, uint64_t end)
{
	const struct { const char *bytes; size_t size; uint64_t *at; } wanted[] = {
		{ ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH, &tracee->instruction },
		{ ARCH_SYSCALL_RETURN_CODE, sizeof(ARCH_SYSCALL_RETURN_CODE) - 1, &tracee->call_return },
		{ ARCH_RESTORER_CODE, ARCH_RESTORER_LENGTH, &tracee->restorer },
	};
	unsigned char *piece = xmalloc(PIECE);

	for (uint64_t at = start; at < end && !has_all_code(tracee); at += PIECE - 16) {
		size_t length = end - at < PIECE ? end - at : PIECE;

		if ((tracee->instruction && at - start >= LOOK_MAX)
		    || tracee_read(tracee, at, piece, length))
			break;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
			const unsigned char *found =
				*wanted[i].at ? NULL : memmem(piece, length, wanted[i].bytes,
							      wanted[i].size);

			if (found)
				*wanted[i].at = at + (uint64_t)(found - piece);
		}
	}
	free(piece);
}

/* Searches the mapping that contains `place`; 0: all mappings. */
static void look_in_mappings(struct tracee *tracee, uint64_t place)
{
	struct maps_reader reader = { 0 };
	struct maps_entry entry;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tracee->threads[0].tid);
	reader.descriptor = open(path, O_RDONLY | O_CLOEXEC);
	while (reader.descriptor >= 0 && !has_all_code(tracee) && maps_next(&reader, &entry))
		if (entry.permissions[2] == 'x' && strcmp(entry.name, "[vsyscall]")
		    && (!place || (entry.start <= place && place < entry.end)))
			look_for_code(tracee, entry.start, entry.end);
	if (reader.descriptor >= 0)
		close((int)reader.descriptor);
}

int tracee_find_code(struct tracee *tracee)
{
	if (tracee->instruction)
		return 0;
	/* A waiting thread is inside libc. */
	look_in_mappings(tracee, arch_thread_place(&tracee->threads[0].registers).counter);
	look_in_mappings(tracee, 0);
	if (tracee->call_return && tracee->restorer)
		tracee->instruction = tracee->call_return;
	else
		tracee->restorer = 0;
	return tracee->instruction ? 0 : -1;
}

/* ---- The frame --------------------------------------------------------------------------- */

/* For the alternate stack: flags that no kernel accepts, so the thread keeps its own. */
#define NO_CHANGE UINT32_MAX

static size_t build_rescue_frame(struct tracee *tracee, struct tracee_thread *thread,
				 uint64_t address, unsigned char **ret_bytes)
{
	struct arch_thread_state state = { .registers = &thread->registers,
					   .mask = thread->mask,
					   .altstack_flags = NO_CHANGE };
	void *vector = NULL;
	size_t size = 0;

	*ret_bytes = NULL;
	if (!tracee->registers.states)
		arch_vectors_here(&tracee->registers);
	if (tracee_vector(tracee, (size_t)(thread - tracee->threads), &vector,
			  &state.vector_size))
		return 0;
	state.vector = vector;
	*ret_bytes = xcalloc(1, ARCH_FRAME_RETURN + ARCH_FRAME_ROOM + state.vector_size);
	memcpy(*ret_bytes, &tracee->restorer, ARCH_FRAME_RETURN);
	size = ARCH_FRAME_RETURN
	       + arch_frame_build(*ret_bytes + ARCH_FRAME_RETURN, address, &state,
				  &tracee->registers);
	free(vector);
	return size;
}

void tracee_drop_rescue_frame(struct tracee *tracee, struct tracee_thread *thread)
{
	if (thread->rescue_stack)
		tracee_write(tracee, thread->rescue_stack, thread->below, thread->below_size);
	free(thread->below);
	thread->below = NULL;
	thread->rescue_stack = 0;
}

int tracee_remove_rescue_frame(const struct tracee_thread *thread, pid_t copy)
{
	struct iovec from = { thread->below, thread->below_size };
	struct iovec to = { (void *)thread->rescue_stack, thread->below_size };

	if (!thread->rescue_stack)
		return 0;
	return process_vm_writev(copy, &from, 1, &to, 1, 0) == (ssize_t)from.iov_len ? 0 : -1;
}

uint64_t tracee_make_rescue_frame(struct tracee *tracee, struct tracee_thread *thread)
{
	uint64_t sp = arch_stack(&thread->registers), at;
	unsigned char *bytes;
	size_t size;

	if (thread->rescue_stack && !memcmp(&thread->rescued_registers, &thread->registers,
				    sizeof(thread->registers)))
		return thread->rescue_stack;
	tracee_drop_rescue_frame(tracee, thread);
	if (!tracee->restorer || tracee->adopted)
		return sp;
	/* The size of the frame at its longest. */
	size = build_rescue_frame(tracee, thread, 0, &bytes);
	free(bytes);
	at = (sp - ARCH_RED_ZONE - size) & -(uint64_t)ARCH_FRAME_ALIGN;
	if (!size || build_rescue_frame(tracee, thread, at, &bytes) != size)
		return sp;
	thread->below = xmalloc(size);
	thread->below_size = size;
	if (!tracee_read(tracee, at - ARCH_FRAME_RETURN, thread->below, size)
	    && !tracee_write(tracee, at - ARCH_FRAME_RETURN, bytes, size)) {
		thread->rescue_stack = at - ARCH_FRAME_RETURN;
		thread->rescued_registers = thread->registers;
	}
	free(bytes);
	return thread->rescue_stack ? thread->rescue_stack : sp;
}
