/* SPDX-License-Identifier: MIT
 *
 * x86-64: the instruction sets by which programs choose code: their names, and their bits in
 * plan.cpu.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/plan.h"

/* ---- The unexec program: cpu_levels.c ----------------------------------------------------- */

/* Calls add(context, name) for each instruction set that this CPU has and that programs
 * and libc choose code by. */
void arch_cpu_features(void (*add)(void *context, const char *name), void *context);

/* Adds the bits of that name to plan.cpu. False: the name is unknown. */
bool arch_cpu_need(uint32_t cpu[], const char *name);

/* True if this CPU has the instruction set of that name. */
bool arch_cpu_has(const char *name);

/* Calls add(context, name) for each instruction set that a CPU must have for these states of
 * vector registers. Returns the states that have no name. */
uint64_t arch_cpu_states(uint64_t states, void (*add)(void *context, const char *name),
			 void *context);

/* The levels of the architecture's psABI: 1 for "baseline"; 0: the name is unknown. */
int arch_cpu_level(const char *name);
#define ARCH_CPU_LEVELS "baseline x86-64-v2 x86-64-v3 x86-64-v4"

/* True if CPUs of that level have the instruction set of that name. */
bool arch_cpu_level_has(int level, const char *name);

/* Calls add(context, name, value) for the environment variables by which libc and others choose
 * code that CPUs of that level can run. The caller keeps variables that are already set. */
void arch_cpu_level_variables(int level, void (*add)(void *context, const char *name,
						     const char *value), void *context);

/* ---- The restarter: cpu_fits.c ------------------------------------------------------------ */

/* True if this CPU has all bits of plan.cpu. Stores the missing bits in `lacks`. Executes at most
 * two CPUIDs, except if the dump needs a feature that only some old CPUs have. */
bool arch_cpu_fits(const uint32_t need[PLAN_CPU_WORDS], uint32_t lacks[PLAN_CPU_WORDS]);

/* Calls add(context, text) with the pieces of the message that follow "this CPU ". */
void arch_cpu_name_missing(const uint32_t need[PLAN_CPU_WORDS],
			   const uint32_t lacks[PLAN_CPU_WORDS],
			   void (*add)(void *context, const char *text), void *context);

#endif
