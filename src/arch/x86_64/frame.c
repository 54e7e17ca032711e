/* SPDX-License-Identifier: MIT
 *
 * x86-64: makes a signal frame of a thread's registers as ptrace and core files have them, so
 * that the kernel loads them with rt_sigreturn (arch/x86/kernel/signal_64.c, fpu/signal.c).
 */
#include <asm/sigcontext.h> /* which <signal.h> contradicts */
#include <cpuid.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "arch_tool.h"
#include "shared/plan.h"

_Static_assert(offsetof(struct boot, low_start) == 32, "BOOT_LOW_START in landing.S");
_Static_assert(offsetof(struct boot, low_end) == 40, "BOOT_LOW_END in landing.S");
_Static_assert(offsetof(struct boot, open) == 72, "BOOT_OPEN in landing.S");
_Static_assert(offsetof(struct boot, arrived) == 76, "BOOT_ARRIVED in landing.S");
_Static_assert(offsetof(struct boot, expected) == 80, "BOOT_EXPECTED in landing.S");
_Static_assert(offsetof(struct boot, always) == 88, "BOOT_ALWAYS in landing.S");
_Static_assert(offsetof(struct boot, first) == 96, "BOOT_FIRST in landing.S");
_Static_assert(offsetof(struct boot, first_pid) == 104, "BOOT_FIRST_PID in landing.S");
_Static_assert(sizeof(struct user_regs_struct) == ARCH_REGISTERS_SIZE, "registers");

/* asm/ucontext.h */
#define UC_FP_XSTATE 1
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

/* The kernel's struct ucontext (include/uapi/asm-generic/ucontext.h); its stack_t and
 * sigset_t are not libc's. */
struct frame {
	uint64_t flags, link;
	uint64_t stack;
	uint32_t stack_flags, pad;
	uint64_t stack_size;
	struct sigcontext context;
	uint64_t mask;
	uint64_t room[2]; /* vector state wants to lie at a multiple of 64 */
};
_Static_assert(offsetof(struct frame, mask) == 296, "struct ucontext");
_Static_assert(sizeof(struct frame) % 64 == 0 && sizeof(struct frame) <= ARCH_FRAME_ROOM,
	       "struct frame");

/* The legacy area of fxsave, then the header of xsave, whose first word says which
 * components are there. */
#define LEGACY_SIZE 512
#define XSAVE_MINIMUM (LEGACY_SIZE + 64)
#define FEATURES_ALWAYS UINT64_C(3) /* x87 and SSE are in the legacy area */

/* ---- General registers ------------------------------------------------------------------- */

/* The kernel's own errors that ask for a call to be begun again (include/linux/errno.h):
 * ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, and ERESTART_RESTARTBLOCK, which would go on
 * with what is left of a time; that is known to the kernel alone, so all of it begins anew. */
static bool is_to_restart(const struct user_regs_struct *registers)
{
	int64_t result = (int64_t)registers->rax;

	return (int64_t)registers->orig_rax >= 0
	       && (result == -512 || result == -513 || result == -514 || result == -516);
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

/* Where component `number` ends in an xsave area; 0: it is not of this machine. */
static uint32_t component_end(int number)
{
	uint32_t size, offset, c, d;

	if (!__get_cpuid_count(0xd, (uint32_t)number, &size, &offset, &c, &d))
		return 0;
	return size ? offset + size : 0;
}

/* How much of the area is in use. Components are stored at fixed places; what lies behind
 * the last that is not in its initial state need not be in the frame, and then machines
 * with fewer components can load it. */
static size_t used_size(uint64_t features, size_t size)
{
	size_t used = XSAVE_MINIMUM;

	for (int i = 2; i < 63; i++) {
		uint32_t end = features & UINT64_C(1) << i ? component_end(i) : 0;

		if (end > used)
			used = end;
	}
	return used <= size ? used : XSAVE_MINIMUM;
}

/* Protection keys: Linux gives each process the same rights to them (init_pkru_value in
 * arch/x86/mm/pkeys.c), so nearly all dumps from CPUs that have them say they are in use. With
 * that value they ask for nothing. The place is that of all CPUs of Intel's. */
#define PKRU_FEATURE (UINT64_C(1) << 9)
#define PKRU_PLACE 2688
#define PKRU_DEFAULT UINT32_C(0x55555554)

static uint64_t drop_default_keys(uint64_t features, const unsigned char *area, size_t size)
{
	uint32_t rights;

	if (component_end(9) || !(features & PKRU_FEATURE) || size < PKRU_PLACE + sizeof(rights))
		return features;
	memcpy(&rights, area + PKRU_PLACE, sizeof(rights));
	return rights == PKRU_DEFAULT ? features & ~PKRU_FEATURE : features;
}

/* Behind the legacy area's registers is room in which signal frames say how much follows. */
static size_t set_vector(unsigned char *to, const unsigned char *from, size_t size)
{
	struct _fpx_sw_bytes *words = (struct _fpx_sw_bytes *)(to + LEGACY_SIZE - sizeof(*words));
	const uint32_t magic = FP_XSTATE_MAGIC2;
	uint64_t features;

	memcpy(to, from, LEGACY_SIZE);
	memset(words, 0, sizeof(*words));
	if (size < XSAVE_MINIMUM)
		return LEGACY_SIZE;
	memcpy(&features, from + LEGACY_SIZE, sizeof(features));
	features = drop_default_keys(features, from, size);
	size = used_size(features, size);
	memcpy(to + LEGACY_SIZE, from + LEGACY_SIZE, size - LEGACY_SIZE);
	memcpy(to + LEGACY_SIZE, &features, sizeof(features));
	words->magic1 = FP_XSTATE_MAGIC1;
	words->extended_size = (uint32_t)(size + sizeof(magic));
	words->xfeatures = features | FEATURES_ALWAYS;
	words->xstate_size = (uint32_t)size;
	memcpy(to + size, &magic, sizeof(magic));
	return size + sizeof(magic);
}

/* ---- All of it --------------------------------------------------------------------------- */

size_t arch_frame_build(unsigned char *bytes, uint64_t address,
			const struct arch_thread_state *state)
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
		vector = set_vector(bytes + sizeof(frame), state->vector, state->vector_size);
		frame.context.fpstate = (struct _fpstate *)(address + sizeof(frame));
		frame.flags |= vector > LEGACY_SIZE ? UC_FP_XSTATE : 0;
	}
	memcpy(bytes, &frame, sizeof(frame));
	return sizeof(frame) + vector;
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
					   .fs_base = from->fs_base, .gs_base = from->gs_base };
}
