/* SPDX-License-Identifier: MIT
 *
 * The address space of a process on x86-64, as far as the layout must know it.
 *
 *   0 .. low memory .. ARCH_LOW_SEARCH_START .. ARCH_PLACE_END .......... ARCH_USER_END
 *        non-PIE        free in practice          new stack, vDSO, mmap base
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#include <stdint.h>

/* TASK_SIZE_MAX with four-level page tables; Linux gives no more without being asked. */
#define ARCH_USER_END UINT64_C(0x7ffffffff000)

/* Above it the kernel may put the new stack and vDSO (it draws 34 bits for the stack), so it
 * must not be told to map a segment there. */
#define ARCH_PLACE_END (ARCH_USER_END - (UINT64_C(17) << 30))

/* From here upward the layout looks for free memory: far from programs linked at fixed
 * addresses, from PIEs (0x55…) and from libraries (0x7f…). */
#define ARCH_LOW_SEARCH_START UINT64_C(0x100000000000)

#endif
