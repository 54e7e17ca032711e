/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restartable sequences (rseq) of threads whose kernel does not report them: in a core, and
 * before 5.13. libc has the place, and the kernel's CPU number in it shows that it is
 * registered.
 */
#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_registers.h"
#include "libc/libc.h"

static const struct libc_backend *find_backend(struct capture *capture,
					       struct libc_rseq *ret_rseq)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (libc_backends[i]->find_rseq
		    && libc_backends[i]->find_rseq(capture, ret_rseq))
			return libc_backends[i];
	return NULL;
}

/* An area that the kernel uses has the number of a CPU in its second word. */
static bool is_registered(struct capture *capture, uint64_t address)
{
	int32_t cpu;

	return !capture->read(capture, address + 4, &cpu, sizeof(cpu)) && cpu >= 0;
}

static void set_rseq(struct capture *capture, const struct libc_backend *backend,
		     struct libc_rseq *rseq, const struct arch_thread_place *place,
		     struct plan_thread *thread)
{
	uint64_t address = place->thread_pointer + (uint64_t)rseq->offset;

	if (!place->thread_pointer || !rseq->length || !is_registered(capture, address))
		return;
	thread->rseq = address;
	thread->rseq_signature = ARCH_RSEQ_SIGNATURE;
	/* Length 0 restores the area without registering it. The area of a new thread is zero or
	 * left over from the last thread on this stack, and libc ends the process if it is
	 * registered twice. */
	thread->rseq_length = backend->begins_or_ends(capture, rseq, place) ? 0 : rseq->length;
}

void libc_find_rseq(struct capture *capture, const struct arch_thread_state *states,
		    enum unexec_code code, struct report *report)
{
	struct image *image = capture->image;
	struct libc_rseq rseq = { 0 };
	const struct libc_backend *backend = find_backend(capture, &rseq);
	bool any = false;

	for (size_t i = 0; i < image->thread_count; i++) {
		const struct arch_thread_place place = arch_thread_place(states[i].registers);

		if (backend)
			set_rseq(capture, backend, &rseq, &place, &image->threads[i]);
		any |= place.thread_pointer != 0;
	}
	if (any && !backend)
		report_add(report, UNEXEC_NOTE, code, 0, 0, 0,
			   "rseq is not in the dump: without a symbol __rseq_offset, it is not "
			   "known whether the process used it");
}
