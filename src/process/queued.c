/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures queued signals, with their values. The queues are read by the library or by ptrace; of
 * a signal that they lack, only its number is preserved.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "process/kernel_state.h"

static uint64_t signal_bit(int number)
{
	return UINT64_C(1) << (number - 1);
}

static uint64_t *pending_set(struct image *image, uint32_t thread)
{
	return thread == PLAN_WHOLE_PROCESS ? &image->process.pending
					    : &image->threads[thread].pending;
}

/* Returns false if the thread is not in the dump. */
static bool find_receiver(const struct image *image, uint32_t tid, uint32_t *ret_thread)
{
	*ret_thread = PLAN_WHOLE_PROCESS;
	if (!tid)
		return true;
	for (size_t i = 0; i < image->thread_count; i++)
		if (image->thread_tids[i] == tid) {
			*ret_thread = (uint32_t)i;
			return true;
		}
	return false;
}

/* Only signals with these codes have the ID of a sender. */
static bool was_sent_by(const siginfo_t *info, uint32_t pid)
{
	return (info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL
		|| info->si_code == SI_MESGQ)
	       && (uint32_t)info->si_pid == pid;
}

static void add_queued(struct process *process, const struct handoff_queued *from)
{
	struct image *image = process->capture.image;
	struct plan_queued queued = { 0 };
	siginfo_t info;

	memcpy(&info, from->info, sizeof(info));
	memcpy(queued.info, from->info, sizeof(queued.info));
	if (was_sent_by(&info, process->handoff.pid))
		queued.sender = offsetof(siginfo_t, si_pid);
	/* A signal that is not in the set has arrived since. */
	if (find_receiver(image, from->tid, &queued.thread)
	    && *pending_set(image, queued.thread) & signal_bit(info.si_signo))
		image_add_queued(image, &queued);
}

static void warn_lost(struct process *process, uint32_t thread)
{
	const struct image *image = process->capture.image;
	uint64_t lost = *pending_set(process->capture.image, thread);
	const char *name = thread == PLAN_WHOLE_PROCESS ? "the process"
							: image->thread_names[thread];

	for (int number = 1; number <= HANDOFF_SIGNALS; number++)
		if (lost & signal_bit(number))
			report_warning(process->report, SETTING, "signal %d, pending for %s, is in "
				       "the dump once, without its sender and value", number, name);
}

void process_capture_queued(struct process *process)
{
	struct image *image = process->capture.image;

	if (process->handoff.reset_as_exec || process->report->status)
		return;
	for (uint32_t i = 0; i < process->handoff.queued_count; i++)
		add_queued(process, &process->queued[i]);
	for (size_t i = 0; i < image->queued_count; i++) {
		const struct plan_queued *queued = &image->queued[i];
		int number;

		memcpy(&number, queued->info, sizeof(number)); /* si_signo comes first */
		*pending_set(image, queued->thread) &= ~signal_bit(number);
	}
	warn_lost(process, PLAN_WHOLE_PROCESS);
	for (uint32_t i = 0; i < image->thread_count; i++)
		warn_lost(process, i);
}
