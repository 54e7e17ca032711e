/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory with a NUMA policy (mbind) keeps its content, and warnings report that its policy, and that
 * of a thread (set_mempolicy), are lost.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "threads.h"

#define LENGTH (1UL << 20)
#define POLICY_BIND 2 /* MPOL_BIND of linux/mempolicy.h */

static void *live_with_policy(void *unused)
{
	unsigned long first = 1;

	CHECK(!syscall(SYS_set_mempolicy, POLICY_BIND, &first, 8 * sizeof(first)));
	pause();
	return unused;
}

static int count_warnings(const struct unexec_report *report, enum unexec_code code,
			  const char *text)
{
	struct unexec_diagnostic diagnostic;
	int found = 0;

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.severity == UNEXEC_WARNING && diagnostic.code == code
			 && strstr(diagnostic.text, text);
	return found;
}

int main(void)
{
	struct unexec_report *report = unexec_report_new();
	unsigned long first = 1;
	struct thread thread;
	char *memory, *dump;
	int status;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	if (access("/proc/self/numa_maps", F_OK)
	    || syscall(SYS_mbind, memory, LENGTH, POLICY_BIND, &first, 8 * sizeof(first), 0))
		roundtrip_skip("no policies here");
	memset(memory, 7, LENGTH);
	thread_start_sleeper(&thread, live_with_policy, NULL);
	status = unexec_dump(dump, NULL, report);
	unexec_report_print(report, stderr);
	if (status == UNEXEC_RESUMED) {
		CHECK(memory[0] == 7 && memory[LENGTH - 1] == 7);
		return 0;
	}
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	CHECK_EQUAL(count_warnings(report, UNEXEC_CODE_MEMORY_KIND, "bind"), 1);
	CHECK_EQUAL(count_warnings(report, UNEXEC_CODE_SETTING, "set_mempolicy"), 1);
	_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
}
