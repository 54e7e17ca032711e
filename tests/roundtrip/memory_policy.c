/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory with a NUMA policy (mbind) keeps its content, and a warning reports that the policy is
 * lost.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH (1UL << 20)
#define POLICY_BIND 2 /* MPOL_BIND of linux/mempolicy.h */

int main(void)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	unsigned long first = 1;
	char *memory, *dump;
	int status, found = 0;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	if (access("/proc/self/numa_maps", F_OK)
	    || syscall(SYS_mbind, memory, LENGTH, POLICY_BIND, &first, 8 * sizeof(first), 0))
		roundtrip_skip("no policies here");
	memset(memory, 7, LENGTH);
	status = unexec_dump(dump, NULL, report);
	unexec_report_print(report, stderr);
	if (status == UNEXEC_RESUMED) {
		CHECK(memory[0] == 7 && memory[LENGTH - 1] == 7);
		return 0;
	}
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.severity == UNEXEC_WARNING
			 && diagnostic.code == UNEXEC_CODE_MEMORY_KIND
			 && strstr(diagnostic.text, "bind") != NULL;
	CHECK_EQUAL(found, 1);
	_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
}
