/* SPDX-License-Identifier: MIT
 *
 * Entries of the census (shared/census.h) for what only this machine has.
 */
#ifndef ARCH_CENSUS_H
#define ARCH_CENSUS_H

#define CENSUS_MACHINE(THING) \
	THING(THREADS, "local descriptor table", "", UNSEEN, "", "modify_ldt", "census/probe:ldt") \
	THING(THREADS, "thread pointers", "ipc", PRESERVED, "", "ARCH_GET_FS ARCH_GET_GS", \
	      "roundtrip/tls") \
	THING(THREADS, "permission to use AMX", "ip", PRESERVED, "requested again", \
	      "ARCH_GET_XCOMP_PERM", "roundtrip/threads_in_handler") \
	THING(PROTECTION, "CPUID that faults", "", UNSEEN, "", "ARCH_GET_CPUID", \
	      "census/probe:cpuid") \
	THING(PROTECTION, "features of shadow stacks", "", UNSEEN, \
	      "their memory is refused", "x86_Thread_features ARCH_SHSTK_STATUS", \
	      "unit/smaps_test:ss")

#endif
