/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The threads of a core. The core has their registers and blocked signals; libc's data has the
 * rest (src/libc/threads.c).
 */
#include <elf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arch_frame.h"
#include "arch_registers.h"
#include "arch_tls.h"
#include "arch_vectors.h"
#include "sources/core/core.h"
#include "base/xalloc.h"
#include "libc/libc.h"

static void add_thread(struct core *core, size_t index)
{
	struct image *image = core->capture.image;
	const struct core_thread *from = &core->notes.threads[index];
	const struct arch_thread_place at = arch_thread_place(from->registers);
	const struct plan_thread thread = { .pending = from->pending,
					    .thread_pointer = at.thread_pointer };

	image->thread_tids[index] = from->tid;
	image_add_thread(image, &thread, core->notes.name);
	core_add_random_states(core, arch_control_block(at.thread_pointer));
}

void core_add_threads(struct core *core)
{
	const size_t count = core->notes.thread_count;

	core->capture.image->process_id = core->notes.pid;
	core->capture.image->thread_tids = xcalloc(count, sizeof(uint32_t));
	for (size_t i = 0; i < count; i++)
		add_thread(core, i);
	libc_find_threads(&core->capture,
			  &(struct libc_thread_search){ .missing = UNEXEC_WARNING,
							.code = UNEXEC_CODE_CORE },
			  core->report);
}

/* Finds the layout of the vector registers, which may come from another CPU. */
int core_find_registers(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	struct plan_registers *registers = &core->capture.image->registers;
	const char *wrong = NULL;

	for (size_t i = 0; i < notes->thread_count && !registers->states && !wrong; i++)
		wrong = arch_vectors_of_core(notes->threads[i].vector,
					     notes->threads[i].vector_size, notes->layout,
					     notes->layout_size, registers);
	registers->frame_size = core_auxv(notes, AT_MINSIGSTKSZ);
	for (size_t i = 0; i < notes->thread_count && !wrong; i++)
		wrong = arch_vectors_check(registers, notes->threads[i].vector,
					   notes->threads[i].vector_size);
	if (wrong)
		report_error(core->report, CORE,
			     "the vector registers (" ARCH_VECTOR_NOTE_NAME ") are invalid: %s",
			     wrong);
	return wrong ? -1 : 0;
}

/* The vDSO proxy replaces the function's code, and its data are in no core. Only on a kernel of
 * the same build can the whole vDSO be replaced by the new one. */
static void warn_if_in_vdso(struct core *core, const struct core_thread *thread)
{
	uint64_t counter = arch_thread_place(thread->registers).counter;
	const struct core_piece *piece = core_find_piece(core, counter);

	if (piece && piece->range.start == core_auxv(&core->notes, AT_SYSINFO_EHDR))
		report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE, 0, counter, 0,
			   "thread %u was in a function of the vDSO (at %#lx): it can "
			   "continue only on a kernel of the same build", thread->tid,
			   (unsigned long)counter);
}

struct arch_thread_state *core_thread_states(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	struct arch_thread_state *states = xcalloc(notes->thread_count, sizeof(*states));

	for (size_t i = 0; i < notes->thread_count; i++) {
		warn_if_in_vdso(core, &notes->threads[i]);
		states[i] = (struct arch_thread_state){
			.registers = notes->threads[i].registers,
			.vector = notes->threads[i].vector,
			.vector_size = notes->threads[i].vector_size,
			.mask = notes->threads[i].mask,
			.altstack_flags = SS_DISABLE,
		};
	}
	return states;
}
