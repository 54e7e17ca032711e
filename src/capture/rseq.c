/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restartable sequences, as libc's variables tell: in a core, and on kernels before 5.13.
 */
#include "arch_tool.h"
#include "capture/rseq.h"
#include "capture/variables.h"

/* Kernels take 32, the length of the first struct rseq, or any that holds all they know of
 * (kernel/rseq.c). glibc up to 2.39 says 32 and registers that; later ones say how much of it
 * is in use and register at least 32. */
#define RSEQ_UNIT 32

struct rseq_place rseq_find(struct capture *capture)
{
	uint64_t offset_at = 0, size_at = 0;
	const struct variable wanted[] = { { "__rseq_offset", &offset_at },
					   { "__rseq_size", &size_at }, { NULL, NULL } };
	struct rseq_place place = { 0 };

	variables_find(capture, wanted);
	if (!offset_at || !size_at
	    || capture->read(capture, offset_at, &place.offset, sizeof(place.offset))
	    || capture->read(capture, size_at, &place.length, sizeof(place.length)))
		return place;
	place.known = true;
	if (place.length)
		place.length = (place.length + RSEQ_UNIT - 1) / RSEQ_UNIT * RSEQ_UNIT;
	if (place.length > capture->image->page_size)
		place.length = 0;
	return place;
}

/* An area that the kernel uses has the number of a CPU in its second word. */
static bool is_registered(struct capture *capture, uint64_t address)
{
	int32_t cpu;

	return !capture->read(capture, address + 4, &cpu, sizeof(cpu)) && cpu >= 0;
}

void rseq_of_thread(struct capture *capture, const struct rseq_place *place, uint64_t base,
		    struct plan_thread *thread)
{
	uint64_t address = base + (uint64_t)place->offset;

	if (!base || !place->length || !is_registered(capture, address))
		return;
	thread->rseq = address;
	thread->rseq_length = place->length;
	thread->rseq_signature = ARCH_RSEQ_SIGNATURE;
}
