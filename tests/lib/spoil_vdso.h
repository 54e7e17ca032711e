/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions that make a dump start as on other kernels or CPUs, by changing its plan or
 * refusing system calls.
 */
#ifndef TESTS_SPOIL_VDSO_H
#define TESTS_SPOIL_VDSO_H

#include <stdint.h>

#include "shared/plan.h"

/* Inverts the vDSO build-id that the dump at `path` expects, so that this kernel's vDSO has
 * another build-id. Ends the test if no plan has one. */
void spoil_vdso_build(const char *path);

/* Makes the dump at `path` require all CPU features that its plan can name. */
void spoil_cpu(const char *path);

/* Changes the dump at `path` as if its frames had been written on another CPU. */
void spoil_frames(const char *path);

/* Returns the plan of the dump at `path`, without its tables. */
struct plan spoil_vdso_plan(const char *path);

/* Must be called in a process that is about to start a dump. Refuses (EPERM) to move memory to
 * this address, as a kernel that has sealed the vDSO does. */
void spoil_vdso_refuse_move(uint64_t to);

#endif
