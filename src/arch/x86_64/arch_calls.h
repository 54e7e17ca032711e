/* SPDX-License-Identifier: MIT
 *
 * x86-64: finds system calls in code and redirects them to stubs.
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
	/* glibc's syscall(): its first instructions become a move and a jump. For other numbers,
	 * the stub jumps back and the function makes the call itself. */
	ARCH_CALL_FUNCTION,
	/* `syscall; cmp $-4095, %rax`, with any number: the system call becomes a short jump to
	 * padding between functions, which becomes a jump to the stub. */
	ARCH_CALL_ANY,
	/* Cannot be redirected: code between the two instructions, or no padding. */
	ARCH_CALL_LOST,
	/* The bytes of a system call, with any number, that may be part of another instruction.
	 * Once the caller has proved that they are a call with padding, it treats them as
	 * ARCH_CALL_ANY. */
	ARCH_CALL_UNPROVEN
};

/* The machine in libopcodes. */
#define ARCH_BFD bfd_arch_i386
#define ARCH_BFD_MACHINE bfd_mach_x86_64
/* libopcodes prints these at the start of instructions that data decodes to and that no compiler
 * generates. */
#define ARCH_ODD_INSTRUCTIONS \
	"add    %al,(%rax)", "cli", "cmps", "enter", "in ", "ins", "iret", "lahf", "lcall", \
	"ljmp", "lods", "loop", "lret", "out ", "outs", "rcl", "rcr", "rex", "sahf", "scas", \
	"sti", "xlat"

/* All addresses are the process's. */
struct arch_call_site {
	enum arch_call_kind kind;
	long number;           /* -1: any */
	uint64_t start;        /* the first byte that changes */
	uint64_t instruction;  /* the system call's */
	uint64_t end;          /* after it */
	uint64_t pad;          /* ANY, UNPROVEN: the used padding, */
	uint8_t pad_length;    /* and its length; 0: there is none */
};

/* glibc's syscall() is not longer. */
#define ARCH_CALL_FUNCTION_MAX 192

#define ARCH_CALL_NUMBERS 7 /* at most */
struct arch_call_numbers {
	long list[ARCH_CALL_NUMBERS];
	size_t count;
};

/* Finds the next system call, at or after offset *at in code at `address`, that makes one of these
 * calls or may make any call, and moves *at past it. ARCH_CALL_NUMBERED and ARCH_CALL_ANY are
 * certain to be system calls. Zeroes the padding in `code` that it uses. False: there is none. */
bool arch_next_call(unsigned char *code, size_t length, uint64_t address,
		    const struct arch_call_numbers *numbers, size_t *at,
		    struct arch_call_site *ret);

/* Writes the code for call.start that jumps to `stub`, and for ARCH_CALL_ANY also the code for
 * call.pad. A stub must lie below ARCH_STUB_END; the stub of an ARCH_CALL_ANY must lie within
 * ARCH_STUB_REACH of the call. Returns the length, at most ARCH_CALL_PATCH. */
#define ARCH_CALL_PATCH 16
#define ARCH_STUB_END (UINT64_C(1) << 31)
#define ARCH_STUB_REACH (UINT64_C(1) << 30)
size_t arch_call_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code);
size_t arch_pad_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code);

/* For a thread that has executed part of the code at call.start: returns in ret_words the words
 * of its signal frame that make it execute the patched code from call.start. Returns their number;
 * 0: the thread is not there. */
struct arch_frame_word {
	size_t offset; /* in the frame */
	uint64_t value;
};
size_t arch_call_step_back(const struct arch_call_site *call, const unsigned char *frame,
			   struct arch_frame_word ret_words[2]);

/* Writes the stub of a call. It passes calls with these numbers to `function` (arch_start.h) with
 * `table`, both below ARCH_STUB_END, and makes all other calls itself. */
#define ARCH_STUB 160
void arch_make_stub(const struct arch_call_site *call, const struct arch_call_numbers *numbers,
		    uint64_t function, uint64_t table, unsigned char stub[ARCH_STUB]);

#endif
