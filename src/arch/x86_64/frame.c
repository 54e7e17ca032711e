/* SPDX-License-Identifier: MIT
 *
 * x86-64: makes a signal frame of a thread's registers as ptrace and core files have them, so
 * that the kernel loads them with rt_sigreturn (arch/x86/kernel/signal_64.c, fpu/signal.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "arch_cpu.h"
#include "arch_frame.h"
#include "arch_tool.h"

_Static_assert(offsetof(struct boot, low_start) == 32, "BOOT_LOW_START in trampoline.S");
_Static_assert(offsetof(struct boot, low_end) == 40, "BOOT_LOW_END in trampoline.S");
_Static_assert(offsetof(struct boot, open) == 72, "BOOT_OPEN in trampoline.S");
_Static_assert(offsetof(struct boot, arrived) == 76, "BOOT_ARRIVED in trampoline.S");
_Static_assert(offsetof(struct boot, expected) == 80, "BOOT_EXPECTED in trampoline.S");
_Static_assert(offsetof(struct boot, always) == 88, "BOOT_ALWAYS in trampoline.S");
_Static_assert(offsetof(struct boot, first) == 96, "BOOT_FIRST in trampoline.S");
_Static_assert(offsetof(struct boot, first_pid) == 104, "BOOT_FIRST_PID in trampoline.S");
_Static_assert(sizeof(struct user_regs_struct) == ARCH_REGISTERS_SIZE, "registers");

/* Where the area lies in the frames that are made here: at a multiple of 64. */
#define AREA_PLACE 320
_Static_assert(AREA_PLACE >= sizeof(struct frame) && AREA_PLACE % 64 == 0
	       && AREA_PLACE + LEGACY_SIZE <= ARCH_FRAME_ROOM, "AREA_PLACE");

/* ---- General registers ------------------------------------------------------------------- */

/* The kernel's own errors that ask for a call to be begun again (include/linux/errno.h):
 * ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, and ERESTART_RESTARTBLOCK, which would go on
 * with what is left of a time; that is known to the kernel alone, so all of it begins anew.
 * ENOSYS is also what is there before a call is made, when a debugger has stopped the thread at
 * its entry; a call that the kernel does not know says the same again. */
static bool is_to_restart(const struct user_regs_struct *registers)
{
	int64_t result = (int64_t)registers->rax;

	return (int64_t)registers->orig_rax >= 0
	       && (result == -512 || result == -513 || result == -514 || result == -516
		   || result == -ENOSYS);
}

/* The length of the `syscall` instruction. */
#define CALL_LENGTH 2

static void set_registers(struct sigcontext *to, const struct user_regs_struct *from)
{
	*to = (struct sigcontext){
		.r8 = from->r8, .r9 = from->r9, .r10 = from->r10, .r11 = from->r11,
		.r12 = from->r12, .r13 = from->r13, .r14 = from->r14, .r15 = from->r15,
		.rdi = from->rdi, .rsi = from->rsi, .rbp = from->rbp, .rbx = from->rbx,
		.rdx = from->rdx, .rax = from->rax, .rcx = from->rcx, .rsp = from->rsp,
		.rip = from->rip, .eflags = from->eflags,
		.cs = (uint16_t)from->cs, .ss = (uint16_t)from->ss,
	};
	if (is_to_restart(from)) {
		to->rax = from->orig_rax;
		to->rip -= CALL_LENGTH;
	}
}

/* ---- Vector registers -------------------------------------------------------------------- */

void arch_registers_here(struct plan_registers *ret_registers)
{
	const uint32_t want[CPU_WORDS] = { [CPU_XCR0] = 1 };
	uint32_t has[CPU_WORDS];

	arch_cpu_ask(want, has);
	*ret_registers = (struct plan_registers){ .states = has[CPU_XCR0],
						  .frame_size = getauxval(AT_MINSIGSTKSZ) };
	frame_ask_places(ret_registers, has[CPU_XCR0]);
}

/* Intel SDM 1, 13.5: the size of each state is the same everywhere, on Intel's CPUs their places
 * are as well; AMD's (APM 2, 11.5) have them one behind the other. */
static const uint16_t state_sizes[STATES] = {
	[2] = AVX_SIZE, [3] = 64, [4] = 64, [5] = 64, [6] = 512, [7] = 1024, [9] = 8, [17] = 64,
	[18] = 8192, [19] = 128,
};
static const uint16_t intel_places[STATES] = {
	[2] = AVX_PLACE, [3] = 960, [4] = 1024, [5] = 1088, [6] = 1152, [7] = 1664, [9] = 2688,
	[17] = 2752, [18] = 2816, [19] = 960,
};

static void set_places(struct plan_registers *registers, bool intel)
{
	uint16_t at = AVX_PLACE;

	for (uint32_t i = STATE_AVX; i < STATES; i++) {
		if (!(registers->states & STATE(i)))
			continue;
		registers->sizes[i] = state_sizes[i];
		registers->places[i] = intel ? intel_places[i] : at;
		at = (uint16_t)(at + state_sizes[i]);
	}
}

/* By what is known of CPUs: the last state ends where the note does. */
static void guess_places(struct plan_registers *registers, size_t size)
{
	uint32_t last = frame_last(registers->states);

	for (int intel = 1; intel >= 0; intel--) {
		set_places(registers, intel);
		if (frame_area_size(registers, registers->states) == size)
			return;
	}
	for (uint32_t i = STATE_AVX + 1; i < STATES; i++)
		registers->places[i] = registers->sizes[i] = 0;
	if (last > STATE_AVX && size <= UINT16_MAX
	    && size >= AVX_PLACE + AVX_SIZE + (size_t)state_sizes[last]) {
		registers->sizes[last] = state_sizes[last];
		registers->places[last] = (uint16_t)(size - state_sizes[last]);
	}
}

/* arch/x86/include/uapi/asm/elf.h: struct x86_xfeat_component */
struct layout_entry {
	uint32_t state, size, place, flags;
};

static const char *take_layout(struct plan_registers *registers, const unsigned char *layout,
			       size_t size)
{
	struct layout_entry entry;

	for (; size >= sizeof(entry); size -= sizeof(entry), layout += sizeof(entry)) {
		memcpy(&entry, layout, sizeof(entry));
		if (entry.state < STATE_AVX || entry.state >= STATES)
			continue;
		if (entry.size != state_sizes[entry.state] || entry.place % 8
		    || entry.place < AVX_PLACE || entry.place > UINT16_MAX)
			return "what NT_X86_XSAVE_LAYOUT says makes no sense";
		registers->sizes[entry.state] = (uint16_t)entry.size;
		registers->places[entry.state] = (uint16_t)entry.place;
	}
	return NULL;
}

const char *arch_registers_of_core(const void *vector, size_t vector_size, const void *layout,
				   size_t layout_size, struct plan_registers *ret_registers)
{
	struct frame_area header;

	*ret_registers = (struct plan_registers){ 0 };
	if (vector_size < sizeof(header))
		return NULL;
	memcpy(&header, vector, sizeof(header));
	/* Where frames have their words: XCR0 (fpu/xstate.c, __copy_xstate_to_uabi_buf; gdb reads
	 * and writes it there, too). */
	memcpy(&ret_registers->states, &header.words, sizeof(ret_registers->states));
	ret_registers->states = (uint32_t)(ret_registers->states | header.used);
	if (layout)
		return take_layout(ret_registers, layout, layout_size);
	guess_places(ret_registers, vector_size);
	return NULL;
}

const char *arch_registers_check(const struct plan_registers *registers, const void *vector,
				 size_t vector_size)
{
	struct frame_area header;
	uint64_t states;

	if (vector_size < sizeof(header))
		return NULL;
	memcpy(&header, vector, sizeof(header));
	if (header.compacted)
		return "they are in compacted form (XCOMP_BV), which no kernel writes";
	if (header.used & ~registers->states)
		return "they are of states that the CPU cannot have";
	states = frame_states(registers, header.used);
	for (uint32_t i = STATE_AVX; i < STATES; i++)
		if (header.used & STATE(i)
		    && (!registers->sizes[i]
			|| registers->places[i] + registers->sizes[i] > vector_size))
			return "where they lie is not known of such a CPU";
	return frame_area_size(registers, states) > vector_size
		       ? "they are shorter than those of such a CPU" : NULL;
}

/* Whether a state is one that any CPU can be said to have: the initial one, zeros, which XSAVE may
 * also write of what was used before; or the keys that all processes have. 0, 1, -1: it cannot be
 * read. */
static int is_initial(const struct plan_registers *registers, uint64_t area, uint32_t state,
		      arch_code_reader *read, void *context)
{
	static const unsigned char zeros[8192];
	unsigned char content[sizeof(zeros)] = { 0 };
	const uint32_t keys = KEYS_DEFAULT;
	size_t size = registers->sizes[state];

	if (size > sizeof(content))
		return 0;
	if (read(context, area + registers->places[state], content, size))
		return -1;
	if (state == STATE_KEYS && !memcmp(content, &keys, sizeof(keys)))
		return 1;
	return !memcmp(content, zeros, size);
}

static int find_used(const struct plan_registers *registers, uint64_t area, uint64_t used,
		     arch_code_reader *read, void *context, uint64_t *ret_states)
{
	for (uint32_t i = STATE_AVX; i < STATES; i++) {
		int initial = used & STATE(i) ? is_initial(registers, area, i, read, context) : 1;

		if (initial < 0)
			return -1;
		if (!initial)
			*ret_states |= STATE(i);
	}
	return 0;
}

/* A thread that has used AMX, and has nothing in its tiles now, has a frame of a size that the
 * kernel takes only of threads that have. */
static void shorten(const struct plan_registers *registers, uint64_t area, struct frame_area *header,
		    void (*patch)(void *context, uint64_t address, const void *bytes,
				  size_t length),
		    void *context)
{
	const uint64_t states = frame_states(registers, header->used);
	const uint32_t size = frame_area_size(registers, states), mark = FP_XSTATE_MAGIC2;

	if (header->words.xstate_size <= size)
		return;
	header->words.xstate_size = size;
	header->words.extended_size = size + (uint32_t)sizeof(mark);
	header->words.xfeatures = states | STATES_LEGACY;
	patch(context, area + offsetof(struct frame_area, words), &header->words,
	      sizeof(header->words));
	patch(context, area + size, &mark, sizeof(mark));
}

bool arch_is_frame(uint64_t address, arch_code_reader *read, void *context)
{
	struct frame_area header;
	struct frame frame;
	uint32_t mark;
	uint64_t area;

	if (read(context, address, &frame, sizeof(frame)))
		return false;
	area = (uint64_t)frame_area(&frame);
	return area && !(area % 64) && !read(context, area, &header, sizeof(header))
	       && header.words.magic1 == FP_XSTATE_MAGIC1 && !header.compacted
	       && header.words.xstate_size >= sizeof(header)
	       && header.words.xstate_size <= UINT16_MAX
	       && !read(context, area + header.words.xstate_size, &mark, sizeof(mark))
	       && mark == FP_XSTATE_MAGIC2;
}

int arch_frame_settle(const struct plan_registers *registers, uint64_t address,
		      arch_code_reader *read,
		      void (*patch)(void *context, uint64_t address, const void *bytes,
				    size_t length),
		      void *context, uint64_t *ret_states)
{
	struct frame_area header;
	struct frame frame;
	uint64_t area;

	*ret_states = 0;
	if (read(context, address, &frame, sizeof(frame)))
		return -1;
	area = (uint64_t)frame_area(&frame);
	if (!area)
		return 0;
	if (read(context, area, &header, LEGACY_SIZE))
		return -1;
	if (header.words.magic1 != FP_XSTATE_MAGIC1)
		return 0;
	if (read(context, area, &header, sizeof(header)))
		return -1;
	shorten(registers, area, &header, patch, context);
	return find_used(registers, area, frame_used(&header), read, context, ret_states);
}

/* The legacy area alone, where nothing else is known. */
static size_t set_legacy(unsigned char *to, const unsigned char *from)
{
	memcpy(to, from, LEGACY_SIZE);
	memset(to + offsetof(struct frame_area, words), 0, sizeof(struct _fpx_sw_bytes));
	return LEGACY_SIZE;
}

static size_t set_vector(unsigned char *to, const struct arch_thread_state *state,
			 const struct plan_registers *registers)
{
	struct frame_area header;

	if (state->vector_size < sizeof(header) || !registers->states)
		return set_legacy(to, state->vector);
	memcpy(&header, state->vector, sizeof(header));
	return frame_write_area(to, registers, state->vector, registers,
				header.used & registers->states);
}

/* ---- All of it --------------------------------------------------------------------------- */

size_t arch_frame_build(unsigned char *bytes, uint64_t address,
			const struct arch_thread_state *state,
			const struct plan_registers *registers)
{
	struct frame frame = {
		.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
		.stack = state->altstack,
		.stack_flags = state->altstack_flags,
		.stack_size = state->altstack_size,
		.mask = state->mask,
	};
	size_t vector = 0;

	set_registers(&frame.context, state->registers);
	if (state->vector && state->vector_size >= LEGACY_SIZE) {
		vector = set_vector(bytes + AREA_PLACE, state, registers);
		frame.context.fpstate = (struct _fpstate *)(address + AREA_PLACE);
		frame.flags |= vector > LEGACY_SIZE ? UC_FP_XSTATE : 0;
	}
	memcpy(bytes, &frame, sizeof(frame));
	return AREA_PLACE + vector;
}

/* Without vector state, the kernel gives it the initial one: xmm0 is 0.0. */
size_t arch_frame_call(unsigned char *bytes, const unsigned char *next, uint64_t next_address,
		       uint64_t function, uint64_t a, uint64_t b)
{
	struct frame frame;

	memcpy(&frame, next, sizeof(frame));
	frame.flags &= ~(uint64_t)UC_FP_XSTATE;
	frame.mask = ~UINT64_C(0);
	frame.context = (struct sigcontext){
		.rdi = a, .rsi = b, .rip = function,
		.rsp = next_address - sizeof(uint64_t),
		.eflags = 1 << 1 | 1 << 9, /* the one that is always set, and interrupts */
		.cs = frame.context.cs, .ss = frame.context.ss,
	};
	memcpy(bytes, &frame, sizeof(frame));
	return sizeof(frame);
}

bool arch_is_waiting(const void *registers, arch_code_reader *read, void *context)
{
	static const uint16_t calls[] = {
		SYS_read, SYS_readv, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6,
		SYS_epoll_wait, SYS_epoll_pwait, SYS_recvfrom, SYS_recvmsg, SYS_accept,
		SYS_accept4, SYS_pause, SYS_nanosleep, SYS_clock_nanosleep, SYS_wait4,
		SYS_waitid, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
	};
	static const unsigned char instruction[CALL_LENGTH] = { 0x0f, 0x05 };
	unsigned char code[CALL_LENGTH];
	struct sigcontext next;
	bool is_one = false;

	set_registers(&next, registers);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		is_one |= next.rax == calls[i];
	return is_one && !read(context, next.rip, code, sizeof(code))
	       && !memcmp(code, instruction, sizeof(code));
}

/* mov $15, %rax; syscall: glibc and musl, as gdb and libgcc know it. */
bool arch_is_restorer(const unsigned char *code)
{
	static const unsigned char restorer[ARCH_RESTORER_BYTES] = {
		0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05,
	};

	return !memcmp(code, restorer, sizeof(restorer));
}

size_t arch_frame_argument(int number)
{
	static const size_t offsets[] = { offsetof(struct frame, context.rdi),
					  offsetof(struct frame, context.rsi),
					  offsetof(struct frame, context.rdx) };

	return offsets[number];
}

struct arch_thread_place arch_thread_place(const void *registers)
{
	const struct user_regs_struct *from = registers;

	return (struct arch_thread_place){ .counter = from->rip, .stack = from->rsp,
					   .thread_pointer = from->fs_base,
					   .thread_pointer_2 = from->gs_base };
}
