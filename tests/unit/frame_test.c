/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vector registers from other CPUs: their place in cores, the frames that are made of them,
 * their requirements of a CPU, and the restarter's conversion of frames on CPUs made by hand:
 * Intel's with AMX and without, with protection keys and without, AMD's, and one without XSAVE.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/user.h>

#include "restarter/restarter.h"
#include "arch_cpu.h"
#include "arch_frame.h"
#include "arch_registers.h"
#include "arch_vectors.h"
#include "cpu_ask.h"
#include "frame_layout.h"
#include "unit.h"

/* ---- CPUs --------------------------------------------------------------------------------- */

struct place {
	uint32_t state, place, size;
};

static const struct place intel[] = {
	{ 2, 576, 256 }, { 5, 1088, 64 }, { 6, 1152, 512 }, { 7, 1664, 1024 }, { 9, 2688, 8 },
	{ 17, 2752, 64 }, { 18, 2816, 8192 }, { 0, 0, 0 }
};
static const struct place amd[] = {
	{ 2, 576, 256 }, { 5, 832, 64 }, { 6, 896, 512 }, { 7, 1408, 1024 }, { 9, 2432, 8 },
	{ 0, 0, 0 }
};
static const struct place amd_small[] = { { 2, 576, 256 }, { 9, 832, 8 }, { 0, 0, 0 } };

#define KEYS STATE(9)
#define AVX512 (STATE(5) | STATE(6) | STATE(7))
#define AMX (STATE(17) | STATE(18))

static const struct cpu {
	const char *name;
	const struct place *places;
	uint32_t states;
	uint32_t note;  /* the size of NT_X86_XSTATE */
	uint32_t frame; /* the size of an area in the frame of a thread without AMX */
} cpus[] = {
	{ "Sapphire Rapids", intel, 0x602e7, 11008, 2816 },
	{ "Ice Lake", intel, 0x2e7, 2696, 2696 },
	{ "Ice Lake without keys", intel, 0xe7, 2688, 2688 },
	{ "Haswell", intel, 7, 832, 832 },
	{ "Genoa", amd, 0x2e7, 2440, 2440 },
	{ "Genoa without keys", amd, 0xe7, 2432, 2432 },
	{ "Genoa without AVX-512", amd, 0x207, 2440, 2440 },
	{ "Milan", amd_small, 0x207, 840, 840 },
	{ "Rome", amd, 7, 832, 832 },
	{ "Nehalem", intel, 3, 576, 576 },
	{ "none", intel, 0, 512, 512 },
};
#define CPUS (sizeof(cpus) / sizeof(*cpus))
enum { SAPPHIRE_RAPIDS, ICE_LAKE, ICE_LAKE_NO_KEYS, HASWELL, GENOA, GENOA_NO_KEYS };

static const struct place *find_place(const struct cpu *cpu, uint32_t state)
{
	const struct place *place = cpu->places;

	while (place->state && place->state != state)
		place++;
	return place;
}

static struct plan_registers registers_of(const struct cpu *cpu)
{
	struct plan_registers registers = { .states = cpu->states,
					    .frame_size = 1000 + cpu->frame };

	for (const struct place *place = cpu->places; place->state; place++) {
		if (!(cpu->states & STATE(place->state)))
			continue;
		registers.places[place->state] = (uint16_t)place->place;
		registers.sizes[place->state] = (uint16_t)place->size;
	}
	return registers;
}

/* ---- Queries to the CPU and the kernel ----------------------------------------------------- */

static struct {
	const struct cpu *cpu;
	uint32_t keys;
	int asked;
	unsigned char *room;
	size_t room_size;
	long permitted;
} fake;

void arch_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
	memset(registers, 0, 4 * sizeof(*registers));
	fake.asked++;
	if (leaf == 1) {
		registers[2] = fake.cpu->states ? UINT32_C(1) << 27 : 0;
		return;
	}
	ck_assert_uint_eq(leaf, 0xd);
	ck_assert(fake.cpu->states & STATE(subleaf));
	registers[0] = find_place(fake.cpu, subleaf)->size;
	registers[1] = find_place(fake.cpu, subleaf)->place;
}

uint32_t arch_xgetbv(void)
{
	ck_assert_uint_ne(fake.cpu->states, 0); /* an invalid instruction without */
	return fake.cpu->states;
}

uint32_t arch_read_keys(void)
{
	ck_assert(fake.cpu->states & KEYS);
	return fake.keys;
}

long recorder_call(long number, const long arguments[6])
{
	if (number == __NR_arch_prctl) {
		ck_assert_int_eq(arguments[0], 0x1023);
		fake.permitted = arguments[1];
		return 0;
	}
	ck_assert_int_eq(number, __NR_mmap);
	ck_assert_ptr_null(fake.room);
	fake.room_size = (size_t)arguments[1];
	fake.room = aligned_alloc(64, (fake.room_size + 63) & ~(size_t)63);
	return (long)memset(fake.room, 0, fake.room_size);
}

/* ---- Registers with something in them ---------------------------------------------------------- */

/* The byte `at` of a state's content. */
static unsigned char content(uint32_t state, uint32_t at)
{
	return (unsigned char)(state * 37 + at * 3 + (at >> 8) + 1);
}

static void fill_state(unsigned char *area, const struct cpu *cpu, uint32_t state)
{
	const struct place *place = find_place(cpu, state);

	for (uint32_t i = 0; i < place->size; i++)
		area[place->place + i] = content(state, i);
}

static void set_keys(unsigned char *area, const struct cpu *cpu, uint32_t keys)
{
	memset(area + find_place(cpu, 9)->place, 0, 8);
	memcpy(area + find_place(cpu, 9)->place, &keys, sizeof(keys));
}

static uint32_t get_keys(const unsigned char *area, const struct cpu *cpu)
{
	uint32_t keys;

	memcpy(&keys, area + find_place(cpu, 9)->place, sizeof(keys));
	return keys;
}

/* The registers as ptrace and cores have them, of that CPU, with content in the states `used`. */
static unsigned char *make_note(const struct cpu *cpu, uint64_t used, uint32_t keys)
{
	unsigned char *note = aligned_alloc(64, 16384);
	struct frame_area *area = (struct frame_area *)note;
	uint64_t states = cpu->states;

	/* Unused bytes may have any value. */
	memset(note, 0xee, 16384);
	memset(note, 0, sizeof(*area));
	for (uint32_t i = 0; i < sizeof(area->legacy); i++)
		area->legacy[i] = content(1, i);
	memcpy(&area->words, &states, sizeof(states));
	area->used = used;
	for (uint32_t i = 2; i < 20; i++)
		if (used & STATE(i))
			fill_state(note, cpu, i);
	if (used & KEYS)
		set_keys(note, cpu, keys);
	return note;
}

static void check_state(const unsigned char *area, const struct cpu *cpu, uint32_t state)
{
	const struct place *place = find_place(cpu, state);

	for (uint32_t i = 0; i < place->size; i++)
		ck_assert_msg(area[place->place + i] == content(state, i), "%s: state %u, byte %u",
			      cpu->name, state, i);
}

/* Checks an area as the kernel on that CPU writes and accepts it, with exactly these states. */
static void check_area(const unsigned char *bytes, const struct cpu *cpu, uint64_t used)
{
	const struct frame_area *area = (const struct frame_area *)bytes;
	uint32_t mark, size = used & STATE(18) ? cpu->note : cpu->frame;

	ck_assert_uint_eq((uintptr_t)bytes % 64, 0);
	ck_assert_uint_eq(area->words.magic1, FP_XSTATE_MAGIC1);
	ck_assert_uint_eq(area->words.xstate_size, size);
	ck_assert_uint_eq(area->words.extended_size, size + 4);
	ck_assert_uint_eq(area->words.xfeatures,
			  cpu->states & ~(used & STATE(18) ? 0 : STATE(18)));
	memcpy(&mark, bytes + size, sizeof(mark));
	ck_assert_uint_eq(mark, FP_XSTATE_MAGIC2);
	ck_assert_uint_eq(area->used, used);
	ck_assert_uint_eq(area->compacted, 0);
	for (uint32_t i = 0; i < sizeof(area->legacy); i++)
		ck_assert_uint_eq(area->legacy[i], content(1, i));
	for (uint32_t i = 2; i < 20; i++)
		if (used & STATE(i) && i != 9)
			check_state(bytes, cpu, i);
}

/* ---- Cores ------------------------------------------------------------------------------------ */

static void check_places(const struct plan_registers *registers, const struct cpu *cpu)
{
	ck_assert_uint_eq(registers->states, cpu->states);
	for (const struct place *place = cpu->places; place->state; place++) {
		if (!(cpu->states & STATE(place->state)))
			continue;
		ck_assert_msg(registers->places[place->state] == place->place, "%s: state %u at %u",
			      cpu->name, place->state, registers->places[place->state]);
		ck_assert_uint_eq(registers->sizes[place->state], place->size);
	}
}

/* Size and XCR0 suffice; older kernels write no more. */
START_TEST(places_are_known)
{
	const struct cpu *cpu = &cpus[_i];
	unsigned char *note = make_note(cpu, cpu->states & 3, 0);
	struct plan_registers registers;

	ck_assert_ptr_null(arch_vectors_of_core(note, cpu->note, NULL, 0, &registers));
	check_places(&registers, cpu);
	ck_assert_ptr_null(arch_vectors_check(&registers, note, cpu->note));
	free(note);
}
END_TEST

START_TEST(places_are_told)
{
	const struct cpu *cpu = &cpus[_i];
	unsigned char *note = make_note(cpu, cpu->states, KEYS_DEFAULT);
	struct plan_registers registers;
	uint32_t layout[16][4] = { 0 };
	size_t count = 0;

	for (const struct place *place = cpu->places; place->state; place++) {
		if (!(cpu->states & STATE(place->state)))
			continue;
		layout[count][0] = place->state;
		layout[count][1] = place->size;
		layout[count++][2] = place->place;
	}
	ck_assert_ptr_null(arch_vectors_of_core(note, cpu->note, layout, count * 16,
						  &registers));
	check_places(&registers, cpu);
	ck_assert_ptr_null(arch_vectors_check(&registers, note, cpu->note));
	free(note);
}
END_TEST

/* A hypervisor hides AVX-512 and does not move the other states; the size reveals only the last
 * state's place. */
START_TEST(places_that_are_not_known)
{
	static const struct place odd[] = { { 2, 576, 256 }, { 5, 1024, 64 }, { 6, 1600, 512 },
					    { 7, 2112, 1024 }, { 0, 0, 0 } };
	static const struct cpu cpu = { "odd", odd, 0xe7, 3136, 3136 };
	unsigned char *note = make_note(&cpu, 3, 0);
	struct plan_registers registers;

	ck_assert_ptr_null(arch_vectors_of_core(note, cpu.note, NULL, 0, &registers));
	ck_assert_ptr_null(arch_vectors_check(&registers, note, cpu.note));
	((struct frame_area *)note)->used = 7 | STATE(7);
	ck_assert_ptr_null(arch_vectors_check(&registers, note, cpu.note));
	((struct frame_area *)note)->used = 7 | STATE(5);
	ck_assert_ptr_nonnull(strstr(arch_vectors_check(&registers, note, cpu.note),
				     "not known of such a CPU"));
	free(note);
}
END_TEST

static const char *check_spoilt(uint32_t at, uint64_t word, uint32_t size, uint32_t layout[4])
{
	const struct cpu *cpu = &cpus[ICE_LAKE];
	unsigned char *note = make_note(cpu, cpu->states, 1);
	struct plan_registers registers;
	const char *wrong;

	wrong = arch_vectors_of_core(note, cpu->note, layout, layout ? 16 : 0, &registers);
	memcpy(note + at, &word, sizeof(word));
	if (!wrong)
		wrong = arch_vectors_check(&registers, note, size);
	free(note);
	return wrong ? wrong : "";
}

START_TEST(nonsense_is_refused)
{
	uint32_t layout[4] = { 2, 256, 576, 0 };

	ck_assert_str_eq(check_spoilt(0, 0, 2696, NULL), "");
	ck_assert_ptr_nonnull(strstr(check_spoilt(520, UINT64_C(1) << 63 | 7, 2696, NULL),
				     "compacted"));
	ck_assert_ptr_nonnull(strstr(check_spoilt(512, STATE(40), 2696, NULL), "cannot have"));
	ck_assert_ptr_nonnull(strstr(check_spoilt(512, STATE(18), 2696, NULL), "cannot have"));
	ck_assert_ptr_nonnull(strstr(check_spoilt(512, 3, 1000, NULL), "shorter"));
	ck_assert_ptr_nonnull(strstr(check_spoilt(512, AVX512, 2000, NULL), "not known"));
	/* The layout lacks some states. */
	ck_assert_ptr_nonnull(strstr(check_spoilt(0, 0, 2696, layout), "not known"));
	layout[1] = 8192;
	ck_assert_ptr_nonnull(strstr(check_spoilt(0, 0, 2696, layout), "LAYOUT"));
	layout[1] = 256;
	layout[2] = 0x10000;
	ck_assert_ptr_nonnull(strstr(check_spoilt(0, 0, 2696, layout), "LAYOUT"));
	layout[2] = 500;
	ck_assert_ptr_nonnull(strstr(check_spoilt(0, 0, 2696, layout), "LAYOUT"));
}
END_TEST

/* ---- Frames ----------------------------------------------------------------------------------- */

#define FRAME_ROOM (ARCH_FRAME_ROOM + 16384)

/* The frame is made for the address that it has here, so that its pointers are valid. */
static struct frame *make_frame(const struct cpu *cpu, uint64_t used, uint32_t keys)
{
	const struct plan_registers registers = registers_of(cpu);
	static const struct arch_registers general;
	unsigned char *note = make_note(cpu, used, keys);
	const struct arch_thread_state state = { .registers = &general, .vector = note,
						 .vector_size = cpu->note };
	unsigned char *frame = aligned_alloc(64, FRAME_ROOM);
	size_t length;

	memset(frame, 0, FRAME_ROOM);
	length = arch_frame_build(frame, (uint64_t)frame, &state, &registers);
	ck_assert_uint_le(length, ARCH_FRAME_ROOM + cpu->note);
	free(note);
	return (struct frame *)frame;
}

START_TEST(frames_are_what_the_kernel_writes)
{
	const struct cpu *cpu = &cpus[_i];
	uint64_t used = cpu->states & ~AMX;
	struct frame *frame = make_frame(cpu, used, KEYS_DEFAULT);
	const struct frame_area *area = frame_area(frame);

	if (!cpu->states) {
		ck_assert_uint_eq(area->words.magic1, 0);
		ck_assert_uint_eq(frame->flags & UC_FP_XSTATE, 0);
	} else {
		ck_assert_uint_eq(frame->flags & UC_FP_XSTATE, UC_FP_XSTATE);
		check_area((const unsigned char *)area, cpu, used);
		if (used & KEYS)
			ck_assert_uint_eq(get_keys((const unsigned char *)area, cpu),
					  KEYS_DEFAULT);
	}
	free(frame);
}
END_TEST

START_TEST(frames_with_tiles)
{
	const struct cpu *cpu = &cpus[SAPPHIRE_RAPIDS];
	struct frame *frame = make_frame(cpu, cpu->states, KEYS_DEFAULT);

	check_area((unsigned char *)frame_area(frame), cpu, cpu->states);
	free(frame);
}
END_TEST

/* ---- Requirements of frames ---------------------------------------------------------------- */

static int read_here(void *context, uint64_t address, void *buffer, size_t length)
{
	(void)context;
	memcpy(buffer, (const void *)address, length);
	return 0;
}

static void patch_here(void *context, uint64_t address, const void *bytes, size_t length)
{
	++*(int *)context;
	memcpy((void *)address, bytes, length);
}

static uint64_t needs(const struct cpu *cpu, uint64_t used, uint32_t keys)
{
	const struct plan_registers registers = registers_of(cpu);
	struct frame *frame = make_frame(cpu, used, keys);
	uint64_t states;
	int patches = 0;

	ck_assert_int_eq(arch_frame_settle(&registers, (uint64_t)frame, read_here, patch_here,
					   &patches, &states), 0);
	ck_assert_int_eq(patches, 0);
	free(frame);
	return states;
}

START_TEST(needs_what_is_in_use)
{
	const struct cpu *cpu = &cpus[SAPPHIRE_RAPIDS];

	ck_assert_uint_eq(needs(cpu, 0, 0), 0);
	ck_assert_uint_eq(needs(cpu, 3, 0), 0);
	ck_assert_uint_eq(needs(cpu, 3 | KEYS, KEYS_DEFAULT), 0);
	ck_assert_uint_eq(needs(cpu, 3 | KEYS, 0), 0);
	ck_assert_uint_eq(needs(cpu, 3 | KEYS, 0x55555550), KEYS);
	ck_assert_uint_eq(needs(cpu, 7 | KEYS, KEYS_DEFAULT), STATE(2));
	ck_assert_uint_eq(needs(cpu, 3 | AVX512, 0), AVX512);
	ck_assert_uint_eq(needs(cpu, 3 | AMX, 0), AMX);
	ck_assert_uint_eq(needs(&cpus[GENOA], 7 | KEYS, 4), STATE(2) | KEYS);
}
END_TEST

/* The kernel writes a large frame for a thread that has used AMX before and no longer does. */
START_TEST(large_frame_without_tiles)
{
	const struct cpu *cpu = &cpus[SAPPHIRE_RAPIDS];
	const struct plan_registers registers = registers_of(cpu);
	struct frame *frame = make_frame(cpu, cpu->states, KEYS_DEFAULT);
	struct frame_area *area = frame_area(frame);
	uint64_t states;
	int patches = 0;

	area->used &= ~STATE(18);
	ck_assert_int_eq(arch_frame_settle(&registers, (uint64_t)frame, read_here, patch_here,
					   &patches, &states), 0);
	ck_assert_int_eq(patches, 2);
	ck_assert_uint_eq(states, STATE(2) | AVX512 | STATE(17));
	check_area((unsigned char *)area, cpu, cpu->states & ~STATE(18));
	free(frame);
}
END_TEST

/* TCG reports MPX as in use in all programs, and a CPU may report states that were used before. */
START_TEST(zeros_need_nothing)
{
	const struct cpu *cpu = &cpus[GENOA_NO_KEYS];
	const struct plan_registers registers = registers_of(cpu);
	struct frame *frame = make_frame(cpu, cpu->states, 0);
	unsigned char *area = (unsigned char *)frame_area(frame);
	uint64_t states;

	memset(area + find_place(cpu, 6)->place, 0, find_place(cpu, 6)->size);
	memset(area + find_place(cpu, 2)->place, 0, find_place(cpu, 2)->size - 1);
	ck_assert_int_eq(arch_frame_settle(&registers, (uint64_t)frame, read_here, patch_here,
					   NULL, &states), 0);
	ck_assert_uint_eq(states, STATE(2) | STATE(5) | STATE(7));
	free(frame);
}
END_TEST

static void note_name(void *text, const char *name)
{
	strcat(strcat(text, name), " ");
}

START_TEST(states_have_names)
{
	char text[256] = "";

	ck_assert_uint_eq(arch_cpu_states(0, note_name, text), 0);
	ck_assert_str_eq(text, "");
	ck_assert_uint_eq(arch_cpu_states(STATE(2) | STATE(7) | KEYS | AMX, note_name, text), 0);
	ck_assert_str_eq(text, "avx-registers avx512-registers protection-keys amx-registers ");
	ck_assert_uint_eq(arch_cpu_states(STATE(7) | STATE(25), note_name, text), STATE(25));
}
END_TEST

/* ---- At the start ------------------------------------------------------------------------------ */

#define OTHER_KEYS UINT32_C(0x55555554 & ~0x300)

static struct {
	struct plan plan;
	struct plan_thread threads[2];
} dump;

/* Starts a dump from one CPU on another; `keys` are those that a new process has there. */
static void start(const struct cpu *from, const struct cpu *to, struct frame *first,
		  struct frame *second, uint32_t keys)
{
	const uint64_t frame_size = 1000 + to->frame;

	memset(&dump, 0, sizeof(dump));
	memset(&fake, 0, sizeof(fake));
	fake.cpu = to;
	fake.keys = keys;
	dump.plan.registers = registers_of(from);
	dump.plan.threads.offset = offsetof(typeof(dump), threads);
	dump.plan.threads.count = 2;
	dump.threads[0].frame = (uint64_t)first;
	dump.threads[1].frame = (uint64_t)second;
	arch_fit_frames(&dump.plan, &frame_size);
}

static void check_started(const struct cpu *to, struct frame *frame, uint64_t used, uint32_t keys)
{
	const struct frame_area *area = frame_area(frame);

	if (!(used & ~3) && !(to->states & KEYS)) {
		ck_assert_uint_eq(area->words.magic1, 0);
		ck_assert_uint_eq(frame->flags & UC_FP_XSTATE, 0);
		return;
	}
	if (to->states & KEYS) {
		used |= KEYS;
		ck_assert_uint_eq(get_keys((const unsigned char *)area, to), keys);
	}
	ck_assert_uint_eq(frame->flags & UC_FP_XSTATE, UC_FP_XSTATE);
	check_area((const unsigned char *)area, to, used);
}

static bool same_form(const struct cpu *a, const struct cpu *b)
{
	return a->states == b->states && a->frame == b->frame;
}

/* From each CPU to each. One thread uses the states that both CPUs have, the other uses none. */
START_TEST(starts_anywhere)
{
	const struct cpu *from = &cpus[_i / CPUS], *to = &cpus[_i % CPUS];
	uint64_t used = from->states & (to->states | 3) & ~KEYS;
	struct frame *busy = make_frame(from, used | (from->states & KEYS), KEYS_DEFAULT);
	struct frame *quiet = make_frame(from, (from->states & KEYS) | (from->states & 3),
					 KEYS_DEFAULT);
	const struct frame before = *busy;

	start(from, to, busy, quiet, KEYS_DEFAULT);
	if (same_form(from, to)) {
		ck_assert_int_eq(fake.asked, 0);
		ck_assert(!memcmp(&before, busy, sizeof(before)));
		ck_assert_ptr_null(fake.room);
	} else {
		check_started(to, busy, from->states ? used : 3, KEYS_DEFAULT);
		check_started(to, quiet, 3, KEYS_DEFAULT);
	}
	free(busy);
	free(quiet);
	free(fake.room);
}
END_TEST

/* A thread's own rights are preserved. The default rights are replaced by the new system's. */
START_TEST(keys_are_kept)
{
	const struct cpu *from = &cpus[ICE_LAKE], *to = &cpus[GENOA];
	struct frame *own = make_frame(from, 3 | KEYS, OTHER_KEYS);
	struct frame *all = make_frame(from, 3, 0);

	start(from, to, own, all, 0x44444444);
	check_started(to, own, 3, OTHER_KEYS);
	check_started(to, all, 3, 0);
	free(own);
	free(all);
	free(fake.room);

	own = make_frame(from, 3 | KEYS, KEYS_DEFAULT);
	all = make_frame(from, 7 | KEYS, KEYS_DEFAULT);
	start(from, to, own, all, 0x44444444);
	check_started(to, own, 3, 0x44444444);
	check_started(to, all, 7, 0x44444444);
	free(own);
	free(all);
	free(fake.room);
}
END_TEST

/* After a dump on a CPU without keys, threads have a new process's rights. */
START_TEST(keys_are_those_of_all)
{
	const struct cpu *from = &cpus[GENOA_NO_KEYS], *to = &cpus[ICE_LAKE];
	struct frame *busy = make_frame(from, 7, 0), *quiet = make_frame(from, 0, 0);

	start(from, to, busy, quiet, 0x44444444);
	check_started(to, busy, 7, 0x44444444);
	check_started(to, quiet, 0, 0x44444444);
	free(busy);
	free(quiet);
	free(fake.room);
}
END_TEST

/* States that the CPU lacks are dropped: UNEXEC_CPU=any starts the dump anyway. */
START_TEST(what_is_lacking_is_left_out)
{
	const struct cpu *from = &cpus[SAPPHIRE_RAPIDS];
	struct frame *frame = make_frame(from, from->states, OTHER_KEYS);
	struct frame *second = make_frame(from, 3 | AVX512, 0);

	start(from, &cpus[HASWELL], frame, second, 0);
	check_started(&cpus[HASWELL], frame, 7, 0);
	check_started(&cpus[HASWELL], second, 3, 0);
	free(frame);
	free(second);
	free(fake.room);
}
END_TEST

/* Kernels before 5.14 do not report the size of frames: new frames are made. */
START_TEST(size_that_is_not_told)
{
	const struct cpu *cpu = &cpus[GENOA_NO_KEYS];
	struct frame *frame = make_frame(cpu, 7 | AVX512, 0);

	start(cpu, cpu, frame, frame, 0);
	ck_assert_int_eq(fake.asked, 0);
	arch_fit_frames(&dump.plan, NULL);
	ck_assert_int_gt(fake.asked, 0);
	check_started(cpu, frame, 7 | AVX512, 0);
	free(frame);
	free(fake.room);
}
END_TEST

START_TEST(tiles_are_asked_for)
{
	memset(&dump, 0, sizeof(dump));
	memset(&fake, 0, sizeof(fake));
	arch_request_states(&dump.plan);
	ck_assert_int_eq(fake.permitted, 0);
	dump.plan.registers.permitted = STATE(18);
	arch_request_states(&dump.plan);
	ck_assert_int_eq(fake.permitted, 18);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, places_are_known, 0, CPUS);
	tcase_add_loop_test(tests, places_are_told, 0, CPUS);
	tcase_add_test(tests, places_that_are_not_known);
	tcase_add_test(tests, nonsense_is_refused);
	tcase_add_loop_test(tests, frames_are_what_the_kernel_writes, 0, CPUS);
	tcase_add_test(tests, frames_with_tiles);
	tcase_add_test(tests, needs_what_is_in_use);
	tcase_add_test(tests, large_frame_without_tiles);
	tcase_add_test(tests, zeros_need_nothing);
	tcase_add_test(tests, states_have_names);
	tcase_add_loop_test(tests, starts_anywhere, 0, CPUS * CPUS);
	tcase_add_test(tests, keys_are_kept);
	tcase_add_test(tests, keys_are_those_of_all);
	tcase_add_test(tests, what_is_lacking_is_left_out);
	tcase_add_test(tests, size_that_is_not_told);
	tcase_add_test(tests, tiles_are_asked_for);
}

int main(void)
{
	return unit_run("frame", add_tests);
}
