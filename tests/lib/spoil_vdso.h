/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a dump start as on other kernels or CPUs, by changing its plan or refusing system calls.
 */
#ifndef TESTS_SPOIL_VDSO_H
#define TESTS_SPOIL_VDSO_H

#include <stdint.h>

#include "shared/plan.h"

/* Inverts the build-id that the dump at `path` expects of a vDSO: this kernel's is then of
 * another build. Ends the test if there is no plan with one. */
void spoil_vdso_build(const char *path);

/* Has the dump at `path` need all that there is a word for. */
void spoil_cpu(const char *path);

/* Has the dump at `path` believe that its frames were written on another CPU. */
void spoil_frames(const char *path);

/* The plan of the dump at `path`, without its tables. */
struct plan spoil_vdso_plan(const char *path);

/* In a process that is about to start a dump: refuses (EPERM) to move memory to this address,
 * as a kernel does that has sealed the vDSO. */
void spoil_vdso_refuse_move(uint64_t to);

#endif
