/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unwinds stacks. libdw decodes the unwind information; this file applies it to the image's
 * memory.
 */
#include "elf/unwind.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "elf/file.h"
#include "base/xalloc.h"

#define FRAMES_MAX 65536

/* ---- Files -------------------------------------------------------------------------------- */

struct elf_unwind_file {
	const char *name; /* name of the region */
	struct elf_file mapped;
	Dwarf_CFI *cfi;       /* NULL: the file has none, or cannot be opened */
	uint64_t table_start; /* .eh_frame_hdr in the file's addresses */
	const int32_t *table; /* pairs: start of a function, entry in .eh_frame */
	size_t table_count;
};

struct elf_unwind {
	struct capture *capture;
	struct elf_unwind_file **files;
	size_t count, room;
};

/* .eh_frame_hdr (Linux Standard Base, "Exception Frames"): the version; three encodings, here
 * only those that linkers use; the distance to .eh_frame; a count; pairs of distances from the
 * header. */
static void find_unwind_table(struct elf_unwind_file *file, const GElf_Phdr *phdr)
{
	static const unsigned char expected[] = {
		1, DW_EH_PE_pcrel | DW_EH_PE_sdata4, DW_EH_PE_udata4,
		DW_EH_PE_datarel | DW_EH_PE_sdata4,
	};
	const Elf_Data *data = elf_getdata_rawchunk(file->mapped.elf, (int64_t)phdr->p_offset,
						    phdr->p_filesz, ELF_T_BYTE);
	uint32_t count;

	if (!data || data->d_size < 12 || memcmp(data->d_buf, expected, sizeof(expected)) != 0)
		return;
	memcpy(&count, (const char *)data->d_buf + 8, sizeof(count));
	if (count > (data->d_size - 12) / 8)
		return;
	file->table = (const int32_t *)data->d_buf + 3;
	file->table_count = count;
	file->table_start = phdr->p_vaddr;
}

static void open_unwind_file(struct elf_unwind *unwind, struct elf_unwind_file *file)
{
	GElf_Phdr phdr;

	if (file->name[0] != '/'
	    || elf_file_open(&file->mapped, unwind->capture, file->name) != ELF_FILE_OPEN)
		return;
	for (int i = 0; gelf_getphdr(file->mapped.elf, i, &phdr); i++)
		if (phdr.p_type == PT_GNU_EH_FRAME)
			find_unwind_table(file, &phdr);
	file->cfi = dwarf_getcfi_elf(file->mapped.elf);
	if (!file->cfi)
		elf_file_close(&file->mapped);
}

/* Returns whether the address is in code of the file at this bias. A file may be mapped
 * twice. */
static bool is_code_of_file(const struct elf_unwind_file *file, uint64_t address)
{
	uint64_t place = address - file->mapped.bias;
	GElf_Phdr phdr;

	for (int i = 0; gelf_getphdr(file->mapped.elf, i, &phdr); i++)
		if (phdr.p_type == PT_LOAD && phdr.p_flags & PF_X
		    && place - phdr.p_vaddr < phdr.p_filesz)
			return true;
	return false;
}

static struct elf_unwind_file *find_unwind_file(struct elf_unwind *unwind, uint64_t address)
{
	const struct region *code = capture_code_at(unwind->capture, address);
	struct elf_unwind_file *file;
	size_t i = 0;

	if (!code)
		return NULL;
	while (i < unwind->count && strcmp(unwind->files[i]->name, code->name) != 0)
		i++;
	if (i == unwind->count) {
		xgrow(unwind->files, unwind->count, unwind->room);
		file = xcalloc(1, sizeof(*file));
		file->name = code->name;
		unwind->files[unwind->count++] = file;
		open_unwind_file(unwind, file);
	}
	file = unwind->files[i];
	return file->cfi && is_code_of_file(file, address) ? file : NULL;
}

struct elf_unwind *elf_unwind_new(struct capture *capture)
{
	struct elf_unwind *unwind = xcalloc(1, sizeof(*unwind));

	unwind->capture = capture;
	return unwind;
}

void elf_unwind_free(struct elf_unwind *unwind)
{
	for (size_t i = 0; i < unwind->count; i++) {
		struct elf_unwind_file *file = unwind->files[i];

		if (file->cfi) {
			dwarf_cfi_end(file->cfi);
			elf_file_close(&file->mapped);
		}
		free(file);
	}
	free(unwind->files);
	free(unwind);
}

/* A function ends where the next one begins. */
static struct range find_function_range(const struct elf_unwind_file *file, uint64_t address)
{
	uint64_t base = file->table_start + file->mapped.bias;
	size_t low = 0, high = file->table_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (base + (uint64_t)(int64_t)file->table[2 * middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || low >= file->table_count)
		return (struct range){ 0, 0 };
	return (struct range){ base + (uint64_t)(int64_t)file->table[2 * (low - 1)],
			       base + (uint64_t)(int64_t)file->table[2 * low] };
}

/* ---- Expressions -------------------------------------------------------------------------- */

/* The state in which an expression is evaluated. */
struct machine {
	struct capture *capture;
	const struct elf_unwind_frame *frame;
	uint64_t stack[16];
	size_t depth;
	bool failed;
};

static void push_value(struct machine *machine, uint64_t value)
{
	if (machine->depth == sizeof(machine->stack) / sizeof(*machine->stack))
		machine->failed = true;
	else
		machine->stack[machine->depth++] = value;
}

static uint64_t pop_value(struct machine *machine)
{
	if (machine->depth)
		return machine->stack[--machine->depth];
	machine->failed = true;
	return 0;
}

static void push_register(struct machine *machine, uint64_t number, uint64_t offset)
{
	const struct elf_unwind_frame *frame = machine->frame;

	if (number >= ARCH_DWARF_REGISTERS || !frame->known[number])
		machine->failed = true;
	else
		push_value(machine, frame->values[number] + offset);
}

static void dereference(struct machine *machine)
{
	uint64_t address = pop_value(machine), word = 0;

	if (capture_peek(machine->capture, address, &word, sizeof(word)))
		machine->failed = true;
	push_value(machine, word);
}

static void compute_operation(struct machine *machine, uint8_t operation)
{
	uint64_t b = pop_value(machine), a = pop_value(machine);

	switch (operation) {
	case DW_OP_plus: push_value(machine, a + b); break;
	case DW_OP_minus: push_value(machine, a - b); break;
	case DW_OP_and: push_value(machine, a & b); break;
	case DW_OP_shl: push_value(machine, b < 64 ? a << b : 0); break;
	case DW_OP_ge: push_value(machine, (int64_t)a >= (int64_t)b); break;
	default: machine->failed = true;
	}
}

static void step_expression(struct machine *machine, const Dwarf_Op *op)
{
	uint8_t atom = op->atom;

	if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		push_register(machine, atom - DW_OP_breg0, op->number);
	else if (atom == DW_OP_bregx)
		push_register(machine, op->number, op->number2);
	else if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		push_value(machine, atom - DW_OP_lit0);
	else if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
		push_value(machine, op->number);
	else if (atom == DW_OP_call_frame_cfa && machine->frame->cfa)
		push_value(machine, machine->frame->cfa);
	else if (atom == DW_OP_plus_uconst)
		push_value(machine, pop_value(machine) + op->number);
	else if (atom == DW_OP_deref)
		dereference(machine);
	else
		compute_operation(machine, atom);
}

static bool evaluate_expression(struct capture *capture, const struct elf_unwind_frame *frame,
				const Dwarf_Op *ops, size_t count, uint64_t *ret_value)
{
	struct machine machine = { .capture = capture, .frame = frame };

	for (size_t i = 0; i < count && !machine.failed; i++)
		step_expression(&machine, &ops[i]);
	*ret_value = pop_value(&machine);
	return !machine.failed;
}

/* ---- Frames ------------------------------------------------------------------------------- */

static void set_register(struct elf_unwind_frame *caller, int number, uint64_t value,
			 uint64_t where)
{
	caller->known[number] = true;
	caller->values[number] = value;
	caller->where[number] = where;
}

/* Finds the value of register `number` in the caller. */
static void find_register(struct capture *capture, const struct elf_unwind_frame *frame,
			  Dwarf_Frame *rules, int number, struct elf_unwind_frame *caller)
{
	Dwarf_Op memory[3], *ops;
	size_t count;
	uint64_t value, word;

	if (dwarf_frame_register(rules, number, memory, &ops, &count))
		return;
	if (!count && !ops && frame->known[number]) {
		set_register(caller, number, frame->values[number], frame->where[number]);
	} else if (count && ops[count - 1].atom == DW_OP_stack_value) {
		if (evaluate_expression(capture, frame, ops, count - 1, &value))
			set_register(caller, number, value, 0);
	} else if (count && evaluate_expression(capture, frame, ops, count, &value)
		   && !capture_peek(capture, value, &word, sizeof(word))) {
		set_register(caller, number, word, value);
	}
}

/* Fills in the caller. Returns false if there is none or it is unknown. */
static bool find_caller(struct capture *capture, const struct elf_unwind_frame *frame,
			Dwarf_Frame *rules, struct elf_unwind_frame *caller)
{
	bool is_handler = false;
	int counter = dwarf_frame_info(rules, NULL, NULL, &is_handler);

	if (counter < 0 || counter >= ARCH_DWARF_REGISTERS || !frame->cfa)
		return false;
	memset(caller, 0, sizeof(*caller));
	for (int i = 0; i < ARCH_DWARF_REGISTERS; i++)
		find_register(capture, frame, rules, i, caller);
	/* This is the definition of the canonical frame address. Only a signal's frame states
	 * the stack pointer itself. */
	if (!caller->known[ARCH_DWARF_STACK] || !is_handler)
		set_register(caller, ARCH_DWARF_STACK, frame->cfa, 0);
	caller->counter = caller->values[counter];
	caller->is_exact = is_handler;
	return caller->known[counter] && caller->counter;
}

static Dwarf_Frame *find_rules(const struct elf_unwind_frame *frame, uint64_t counter)
{
	Dwarf_Frame *rules;

	if (dwarf_cfi_addrframe(frame->module->cfi, counter - frame->module->mapped.bias, &rules))
		return NULL;
	return rules;
}

/* Completes a frame from its counter and registers, and returns its rules. NULL: none are
 * known. */
static Dwarf_Frame *find_frame_rules(struct elf_unwind *unwind, struct elf_unwind_frame *frame)
{
	/* A return address may lie in the next function. */
	uint64_t place = frame->is_exact ? frame->counter : frame->counter - 1;
	Dwarf_Frame *rules;
	Dwarf_Op *ops;
	size_t count;

	frame->module = find_unwind_file(unwind, place);
	rules = frame->module ? find_rules(frame, place) : NULL;
	if (!rules)
		return NULL;
	frame->file = frame->module->name;
	frame->function = find_function_range(frame->module, place);
	if (dwarf_frame_cfa(rules, &ops, &count) || !count
	    || !evaluate_expression(unwind->capture, frame, ops, count, &frame->cfa))
		frame->cfa = 0;
	return rules;
}

static bool first_frame(struct capture *capture, const struct plan_thread *thread,
			struct elf_unwind_frame *frame)
{
	unsigned char bytes[ARCH_FRAME_BYTES];

	memset(frame, 0, sizeof(*frame));
	if (capture_peek(capture, thread->frame, bytes, sizeof(bytes)))
		return false;
	for (int i = 0; i < ARCH_DWARF_REGISTERS; i++) {
		uint64_t value;

		memcpy(&value, bytes + arch_frame_dwarf[i], sizeof(value));
		set_register(frame, i, value, thread->frame + arch_frame_dwarf[i]);
	}
	frame->counter = arch_frame_counter(bytes);
	frame->is_exact = true;
	return true;
}

void elf_unwind_thread(struct elf_unwind *unwind, const struct plan_thread *thread,
		       bool (*visit)(void *context, const struct elf_unwind_frame *frame),
		       void *context)
{
	struct elf_unwind_frame frame, caller;
	bool more = first_frame(unwind->capture, thread, &frame);

	for (size_t count = 0; more && count < FRAMES_MAX; count++) {
		Dwarf_Frame *rules = find_frame_rules(unwind, &frame);

		more = rules && visit(context, &frame)
		       && find_caller(unwind->capture, &frame, rules, &caller)
		       /* Stacks grow downward; the frame that a handler interrupted may be on
		        * another stack. */
		       && (caller.is_exact || frame.cfa > frame.values[ARCH_DWARF_STACK]);
		frame = caller;
		free(rules);
	}
}

struct range elf_unwind_function_at(const struct elf_unwind_frame *frame, uint64_t address)
{
	return find_function_range(frame->module, address);
}

bool elf_unwind_stack_depth(const struct elf_unwind_frame *frame, uint64_t counter,
			    uint64_t *ret_depth)
{
	Dwarf_Frame *rules = find_rules(frame, counter);
	Dwarf_Op *ops;
	size_t count;
	bool simple = false;

	if (rules && !dwarf_frame_cfa(rules, &ops, &count) && count == 1) {
		simple = ops->atom == DW_OP_breg0 + ARCH_DWARF_STACK
			 || (ops->atom == DW_OP_bregx && ops->number == ARCH_DWARF_STACK);
		*ret_depth = ops->atom == DW_OP_bregx ? ops->number2 : ops->number;
	}
	free(rules);
	return simple;
}
