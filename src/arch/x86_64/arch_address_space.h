/* SPDX-License-Identifier: MIT
 *
 * x86-64: the address space of a process.
 *
 *   0 .. low memory .. ARCH_LOW_SEARCH_START .. ARCH_PLACE_END .......... ARCH_USER_END
 *        non-PIE        free in practice          new stack, vDSO, mmap base
 */
#ifndef ARCH_ADDRESS_SPACE_H
#define ARCH_ADDRESS_SPACE_H

#include <stdint.h>

/* TASK_SIZE_MAX with four-level page tables. Linux gives a process more only on request. */
#define ARCH_USER_END UINT64_C(0x7ffffffff000)

/* The kernel may put the new stack (it draws 34 bits for its address) and the vDSO above this,
 * so no segment of a dump may be mapped there. */
#define ARCH_PLACE_END (ARCH_USER_END - (UINT64_C(17) << 30))

/* The layout looks for free memory from here upward: far from programs linked at fixed
 * addresses, from PIEs (0x55…) and from libraries (0x7f…). */
#define ARCH_LOW_SEARCH_START UINT64_C(0x100000000000)

/* Objects that a start fills before it maps them (src/process/objects.c) lie from here upward,
 * far from what a program or the layout maps. */
#define ARCH_OBJECT_SEARCH_START UINT64_C(0x200000000000)

#endif
