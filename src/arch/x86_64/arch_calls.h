/* SPDX-License-Identifier: MIT
 *
 * x86-64: system calls in code, and how they are redirected to stubs.
 */
#ifndef ARCH_CALLS_H
#define ARCH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arch_call_kind {
	/* `mov $number, %eax; syscall`: both instructions become a move and a jump of the same
	 * lengths. */
	ARCH_CALL_NUMBERED,
	/* glibc's syscall(): its first instructions become a move and a jump. Calls with other
	 * numbers return there and are made where they are. */
	ARCH_CALL_FUNCTION,
	/* `syscall; cmp $-4095, %rax`, with any number: the system call becomes a short jump to
	 * padding between functions, which becomes a jump to the stub. */
	ARCH_CALL_ANY,
	/* Cannot be redirected: code between the two instructions, or no padding. */
	ARCH_CALL_LOST,
	/* The bytes of a system call, with any number, that may be part of another instruction.
	 * Becomes what ARCH_CALL_ANY does if they are none and it has padding. */
	ARCH_CALL_UNPROVEN
};

/* What libopcodes calls the machine. */
#define ARCH_BFD bfd_arch_i386
#define ARCH_BFD_MACHINE bfd_mach_x86_64
/* How instructions begin, in its words, that data decodes to and no compiler makes. */
#define ARCH_ODD_INSTRUCTIONS \
	"add    %al,(%rax)", "cli", "cmps", "enter", "in ", "ins", "iret", "lahf", "lcall", \
	"ljmp", "lods", "loop", "lret", "out ", "outs", "rcl", "rcr", "rex", "sahf", "scas", \
	"sti", "xlat"

/* Addresses of the process. */
struct arch_call_site {
	enum arch_call_kind kind;
	long number;           /* -1: any */
	uint64_t start;        /* the first byte that changes */
	uint64_t instruction;  /* the system call's */
	uint64_t end;          /* after it */
	uint64_t pad;          /* ANY, UNPROVEN: the padding that is used, */
	uint8_t pad_length;    /* and how much of it; 0: there is none */
};

/* glibc's syscall() is not longer. */
#define ARCH_CALL_FUNCTION_MAX 192

#define ARCH_CALL_NUMBERS 7 /* at most */
struct arch_call_numbers {
	long list[ARCH_CALL_NUMBERS];
	size_t count;
};

/* Finds the next system call at or after offset *at in code that lies at `address`, that makes
 * one of these calls or may make any, and moves *at past it. Only what is certain is
 * ARCH_CALL_NUMBERED or ARCH_CALL_ANY. Zeroes padding in `code` that it has used. False: there
 * is none. */
bool arch_next_call(unsigned char *code, size_t length, uint64_t address,
		    const struct arch_call_numbers *numbers, size_t *at,
		    struct arch_call_site *ret);

/* The code at call.start that leads to `stub`; for ARCH_CALL_ANY also that at call.pad.
 * A stub must lie below ARCH_STUB_END, that of an ARCH_CALL_ANY within ARCH_STUB_REACH of the
 * call. Returns the length, ARCH_CALL_PATCH at most. */
#define ARCH_CALL_PATCH 16
#define ARCH_STUB_END (UINT64_C(1) << 31)
#define ARCH_STUB_REACH (UINT64_C(1) << 30)
size_t arch_call_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code);
size_t arch_pad_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code);

/* A thread that has executed part of the code at call.start executes it again from there, by the
 * patched code: stores at most two words that its signal frame must have for that. Returns how
 * many; 0: the thread is not there. */
struct arch_frame_word {
	size_t offset; /* in the frame */
	uint64_t value;
};
size_t arch_call_step_back(const struct arch_call_site *call, const unsigned char *frame,
			   struct arch_frame_word ret_words[2]);

/* The stub of a call: hands those of these numbers to `function` (redirect.S), which lies with
 * its table below ARCH_STUB_END, and makes all others itself. */
#define ARCH_STUB 160
void arch_make_stub(const struct arch_call_site *call, const struct arch_call_numbers *numbers,
		    uint64_t function, uint64_t table, unsigned char stub[ARCH_STUB]);

#endif
