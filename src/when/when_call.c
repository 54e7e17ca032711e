/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets breakpoints at the functions with a name, in the program and in each library when it is
 * mapped. If the program is stripped and the function is main(), the first breakpoint is at the
 * program's entry, whose code shows the address of main().
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_code.h"
#include "arch_entry.h"
#include "arch_registers.h"
#include "base/task.h"
#include "elf/lookup.h"
#include "base/xalloc.h"
#include "when/when.h"

/* ---- Memory --------------------------------------------------------------------------- */

static int open_proc_file(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

static bool peek_program(const struct watch *watch, uint64_t address, void *ret, size_t size)
{
	return pread(watch->mem, ret, size, (off_t)address) == (ssize_t)size;
}

/* Writes as many bytes as a breakpoint has. */
static bool poke_program(int mem, uint64_t address, const void *code)
{
	return pwrite(mem, code, ARCH_BREAKPOINT_LENGTH, (off_t)address)
	       == ARCH_BREAKPOINT_LENGTH;
}

/* ---- Breakpoints ---------------------------------------------------------------------- */

static void set_breakpoint(struct watch *watch, uint64_t address)
{
	struct site site = { .address = address };
	size_t room = watch->site_room;

	for (size_t i = 0; i < watch->site_count; i++)
		if (watch->sites[i].address == address)
			return;
	if (!peek_program(watch, address, site.code, sizeof(site.code))
	    || !poke_program(watch->mem, address, ARCH_BREAKPOINT_CODE))
		return;
	xgrow(watch->addresses, watch->site_count, room);
	xgrow(watch->sites, watch->site_count, watch->site_room);
	watch->addresses[watch->site_count] = address;
	watch->sites[watch->site_count++] = site;
}

void when_clear(struct watch *watch, pid_t pid)
{
	int mem = watch->site_count ? open_proc_file(pid, "mem", O_RDWR) : -1;

	for (size_t i = 0; mem >= 0 && i < watch->site_count; i++)
		poke_program(mem, watch->sites[i].address, watch->sites[i].code);
	if (mem >= 0)
		close(mem);
}

void when_set(struct watch *watch)
{
	for (size_t i = 0; i < watch->site_count; i++)
		poke_program(watch->mem, watch->sites[i].address, ARCH_BREAKPOINT_CODE);
}

/* ---- Functions ------------------------------------------------------------------------ */

static bool is_known_mapping(struct watch *watch, uint64_t start)
{
	for (size_t i = 0; i < watch->known_count; i++)
		if (watch->known[i] == start)
			return true;
	xgrow(watch->known, watch->known_count, watch->known_room);
	watch->known[watch->known_count++] = start;
	return false;
}

/* Finds the load bias of a file whose part at `offset` is mapped at `start`, from its program
 * headers. */
static bool find_load_bias(Elf *elf, uint64_t start, uint64_t offset, uint64_t *ret)
{
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_LOAD
		    || !(phdr.p_flags & PF_X) || offset > phdr.p_offset
		    || phdr.p_offset - offset >= phdr.p_align)
			continue;
		*ret = start - (phdr.p_vaddr - (phdr.p_offset - offset));
		return true;
	}
	return false;
}

static void look_in_mapping(struct watch *watch, uint64_t start, uint64_t end, uint64_t offset,
			    const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t bias, *values;
	size_t count = 0;
	Elf *elf = NULL;

	elf_version(EV_CURRENT);
	if (descriptor >= 0)
		elf = elf_begin(descriptor, ELF_C_READ, NULL);
	if (elf && find_load_bias(elf, start, offset, &bias)) {
		values = elf_find_functions(elf, watch->when->symbol, &count);
		for (size_t i = 0; i < count; i++) {
			if (values[i] + bias < start || values[i] + bias >= end)
				continue;
			watch->found = true;
			set_breakpoint(watch, values[i] + bias);
		}
		free(values);
	}
	elf_end(elf);
	if (descriptor >= 0)
		close(descriptor);
}

static void look_for_function(struct watch *watch)
{
	int descriptor = open_proc_file(watch->pid, "maps", O_RDONLY);
	FILE *maps = descriptor < 0 ? NULL : fdopen(descriptor, "r");
	char *line = NULL;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		unsigned long start, end, offset;
		int name = 0;
		char executable;

		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%lx-%lx %*c%*c%c%*c %lx %*s %*s %n", &start, &end,
			   &executable, &offset, &name) < 4
		    || executable != 'x' || !name || line[name] != '/'
		    || is_known_mapping(watch, start))
			continue;
		look_in_mapping(watch, start, end, offset, line + name);
	}
	free(line);
	if (maps)
		fclose(maps);
}

/* ---- SIGTRAP -------------------------------------------------------------------------- */

/* If a program ignores SIGTRAP, a breakpoint makes the kernel reset that, so this is recorded.
 * (If a thread blocks SIGTRAP, the breakpoint unblocks it for that thread, permanently.) */
static void note_trap(struct watch *watch)
{
	unsigned long long ignored = 0;
	char text[32];

	task_status(watch->pid, "SigIgn", text, sizeof(text));
	sscanf(text, "%llx", &ignored);
	memset(watch->trap, 0, sizeof(watch->trap));
	watch->trap[0] = ignored >> (SIGTRAP - 1) & 1 ? (uint64_t)(uintptr_t)SIG_IGN : 0;
}

void when_restore_trap(struct watch *watch, struct tracee *tracee)
{
	uint64_t page = watch->trap[0] ? tracee_scratch(tracee) : 0;

	if (page && !tracee_write(tracee, page, watch->trap, sizeof(watch->trap)))
		tracee_do(tracee, 0, SYS_rt_sigaction, SIGTRAP, page, 0, sizeof(uint64_t));
	tracee_drop_scratch(tracee);
	tracee_rest(tracee);
}

void when_after_call(struct watch *watch, pid_t tid)
{
	struct arch_registers registers;

	if (tracee_get_registers(tid, &registers))
		return;
	switch (arch_syscall_number(&registers)) {
	case SYS_mmap:
	case SYS_mprotect:
		look_for_function(watch);
		break;
	case SYS_rt_sigaction:
		if (arch_syscall_argument(&registers, 0) == SIGTRAP)
			note_trap(watch);
		break;
	}
}

/* ---- main() --------------------------------------------------------------------------- */

/* The program's entry, from its auxiliary vector. */
static uint64_t program_entry(const struct watch *watch)
{
	int descriptor = open_proc_file(watch->pid, "auxv", O_RDONLY);
	uint64_t pair[2], entry = 0;

	while (descriptor >= 0 && !entry
	       && read(descriptor, pair, sizeof(pair)) == sizeof(pair))
		if (pair[0] == AT_ENTRY)
			entry = pair[1];
	if (descriptor >= 0)
		close(descriptor);
	return entry;
}

static uint64_t find_main(const struct watch *watch, uint64_t entry)
{
	unsigned char code[ARCH_ENTRY_CODE];
	uint64_t found;
	bool indirect;

	if (!peek_program(watch, entry, code, sizeof(code)))
		return 0;
	found = arch_main_in_code(code, entry, &indirect);
	if (found && indirect && !peek_program(watch, found, &found, sizeof(found)))
		return 0;
	return found;
}

void when_new_program(struct watch *watch)
{
	uint64_t entry;

	watch->site_count = watch->known_count = 0;
	watch->found = watch->at_entry = false;
	if (watch->mem >= 0)
		close(watch->mem);
	watch->mem = open_proc_file(watch->pid, "mem", O_RDWR);
	look_for_function(watch);
	note_trap(watch);
	entry = program_entry(watch);
	if (!watch->found && strcmp(watch->when->symbol, "main") == 0 && entry) {
		watch->at_entry = true;
		set_breakpoint(watch, entry);
	}
}

/* At the entry, all libraries are mapped and relocated. */
static int at_entry(struct watch *watch, uint64_t entry)
{
	uint64_t main;

	when_clear(watch, watch->pid);
	watch->site_count = 0;
	watch->at_entry = false;
	main = find_main(watch, entry);
	if (main) {
		watch->found = true;
		set_breakpoint(watch, main);
	}
	return 0;
}

int when_met_breakpoint(struct watch *watch, pid_t tid)
{
	struct arch_registers registers;
	uint64_t address;
	size_t i = 0;

	if (tracee_get_registers(tid, &registers))
		return -1;
	address = arch_counter(&registers) - ARCH_BREAKPOINT_ADVANCE;
	while (i < watch->site_count && watch->sites[i].address != address)
		i++;
	if (i == watch->site_count)
		return -1;
	arch_set_counter(&registers, address);
	tracee_set_registers(tid, &registers);
	return watch->at_entry ? at_entry(watch, address) : 1;
}

void when_free(struct watch *watch)
{
	if (watch->mem >= 0)
		close(watch->mem);
	free(watch->sites);
	free(watch->addresses);
	free(watch->known);
}
