/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the machine is called, and facts of it that all parts share. Freestanding.
 */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include <linux/elf-em.h>
#include <stddef.h>
#include <stdint.h>

/* The ELF header of its programs; the names of class and data are <elf.h>'s. */
#define ARCH_MACHINE EM_X86_64
#define ARCH_ELF_CLASS ELFCLASS64
#define ARCH_ELF_DATA ELFDATA2LSB

/* Types of its ELF files, for code that includes <elf.h> or <linux/elf.h>. */
#define ARCH_ELF(type) Elf64_##type

/* In messages and `unexec info`. */
#define ARCH_NAME "x86-64"

/* The smallest page size of the machine's kernels; here, the only one. */
#define ARCH_PAGE_MIN UINT64_C(4096)

/* A function may use this much below its stack pointer (System V ABI, 3.2.2). */
#define ARCH_RED_ZONE 128

/* bits/rseq.h of glibc 2.35: RSEQ_SIG */
#define ARCH_RSEQ_SIGNATURE 0x53053053

/* Reads memory of the process or core that is looked at. 0, or -1: it cannot be read. */
typedef int arch_reader(void *context, uint64_t address, void *buffer, size_t length);

#endif
