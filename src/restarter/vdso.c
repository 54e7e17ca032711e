/* SPDX-License-Identifier: MIT
 *
 * The new process's vDSO. The program knows only the addresses of the old one, where the vDSO
 * proxy lies: code that jumps through slots. If the new vDSO is of the same build, it moves to
 * the old one's place. Otherwise the slots are set to its functions.
 */
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "arch_machine.h"
#include "restarter.h"
#include "shared/proc_maps.h"

/* ---- Finding functions ------------------------------------------------------------------- */

struct vdso_symbols {
	uint64_t bias;
	const ARCH_ELF(Sym) *symbols;
	const char *strings;
	uint64_t count;
};

/* The number of symbols, from the old hash table or, if there is none, the GNU one. */
static uint64_t vdso_count_symbols(const uint32_t *hash, const uint32_t *gnu_hash)
{
	uint32_t last = 0;
	const uint32_t *buckets, *chains;

	if (hash)
		return hash[1];
	if (!gnu_hash)
		return 0;
	/* nbuckets, symoffset, bloom_size, bloom_shift, bloom[words of an address], buckets, chains */
	buckets = gnu_hash + 4 + gnu_hash[2] * (sizeof(ARCH_ELF(Addr)) / sizeof(*buckets));
	chains = buckets + gnu_hash[0];
	for (uint32_t i = 0; i < gnu_hash[0]; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < gnu_hash[1])
		return last;
	while (!(chains[last - gnu_hash[1]] & 1))
		last++;
	return last + 1;
}

static int vdso_read_symbols(uint64_t vdso, struct vdso_symbols *ret)
{
	const ARCH_ELF(Ehdr) *header = (const ARCH_ELF(Ehdr) *)vdso;
	const ARCH_ELF(Phdr) *segment = (const ARCH_ELF(Phdr) *)(vdso + header->e_phoff);
	const ARCH_ELF(Dyn) *dynamic = NULL;
	const uint32_t *hash = NULL, *gnu_hash = NULL;
	struct vdso_symbols found = { 0 };

	for (int i = 0; i < header->e_phnum; i++) {
		if (segment[i].p_type == PT_LOAD)
			found.bias = vdso + segment[i].p_offset - segment[i].p_vaddr;
		else if (segment[i].p_type == PT_DYNAMIC)
			dynamic = (const ARCH_ELF(Dyn) *)(vdso + segment[i].p_offset);
	}
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		uint64_t address = found.bias + dynamic->d_un.d_ptr;

		if (dynamic->d_tag == DT_SYMTAB)
			found.symbols = (const ARCH_ELF(Sym) *)address;
		else if (dynamic->d_tag == DT_STRTAB)
			found.strings = (const char *)address;
		else if (dynamic->d_tag == DT_HASH)
			hash = (const uint32_t *)address;
		else if (dynamic->d_tag == 0x6ffffef5) /* DT_GNU_HASH */
			gnu_hash = (const uint32_t *)address;
	}
	found.count = vdso_count_symbols(hash, gnu_hash);
	*ret = found;
	return found.symbols && found.strings;
}

static void fill_slots(const struct restart *restart)
{
	struct vdso_symbols vdso;

	if (!vdso_read_symbols(restart->vdso, &vdso))
		return;
	for_table(const struct plan_slot, slot, restart->plan, slots) {
		const char *name = plan_string(restart->plan, slot->name);

		for (uint64_t i = 0; i < vdso.count; i++) {
			const ARCH_ELF(Sym) *symbol = &vdso.symbols[i];

			if (!symbol->st_shndx || !symbol->st_value
			    || !string_equal(vdso.strings + symbol->st_name, name))
				continue;
			*(uint64_t *)slot->address = vdso.bias + symbol->st_value;
			break;
		}
	}
}

/* ---- Making room ------------------------------------------------------------------------- */

struct extent {
	uint64_t start, end;
};

static int extent_overlaps(struct extent a, uint64_t start, uint64_t end)
{
	return a.start < end && start < a.end;
}

/* Does the plan map anything there? Segments cannot conflict: the kernel maps them before it
 * chooses a place for the vDSO. */
static int is_needed_by_plan(const struct plan *plan, struct extent extent)
{
	if (extent_overlaps(extent, plan->stack_floor, plan->mm.start_stack))
		return 1;
	for_table(const struct plan_op, op, plan, ops)
		if (op->kind <= PLAN_MOVE
		    && extent_overlaps(extent, op->start, op->start + op->length))
			return 1;
	return 0;
}

/* "[vvar]", "[vvar_vclock]" (since 6.13) or "[vdso]". */
static int is_vdso(const char *name)
{
	return name[0] == '[' && name[1] == 'v'
	       && ((name[2] == 'v' && name[3] == 'a' && name[4] == 'r')
		   || (name[2] == 'd' && name[3] == 's' && name[4] == 'o'));
}

/* Moves the whole vDSO to the parking area. All parts keep their distances, by which the
 * code finds the data. Returns the distance moved. Returns 0 if a part could not be moved:
 * it is unmapped then, since the kernel allows no mapping over a part of it (mm,
 * special_mapping_split, since 5.11). */
static uint64_t park_vdso(const struct plan *plan)
{
	struct maps_reader reader = { .descriptor = 0 };
	struct maps_entry entry;
	uint64_t delta = 0;
	int all = 1;

	reader.descriptor = sys(__NR_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY, 0);
	if (sys_failed(reader.descriptor))
		return 0;
	while (maps_next(&reader, &entry)) {
		uint64_t length = entry.end - entry.start;
		long moved;

		if (!is_vdso(entry.name))
			continue;
		if (!delta)
			delta = plan->parking - entry.start;
		moved = sys(__NR_mremap, entry.start, length, length,
			    MREMAP_MAYMOVE | MREMAP_FIXED, entry.start + delta);
		if (sys_failed(moved)) {
			sys(__NR_munmap, entry.start, length);
			all = 0;
		}
	}
	sys(__NR_close, reader.descriptor);
	return all ? delta : 0;
}

void vdso_make_room(struct restart *restart)
{
	/* The data pages lie below the code; their number depends on the kernel (4 since
	 * 5.6, 6 with 6.13). A larger range costs only a reading of maps. */
	const uint64_t below = 64 << 10, above = 64 << 10;
	uint64_t *entry = block_auxv(&restart->block, AT_SYSINFO_EHDR);
	uint64_t delta;

	if (!entry)
		return;
	restart->vdso = *entry;
	if (!is_needed_by_plan(restart->plan, (struct extent){ *entry - below, *entry + above }))
		return;
	delta = park_vdso(restart->plan);
	restart->vdso = delta ? *entry + delta : 0;
	*entry = restart->vdso;
}

/* ---- Moving to the old place ------------------------------------------------------------ */

/* Is a note of the segment the build-id `build`? */
static int has_build(uint64_t note_address, uint64_t end, const uint64_t build[4])
{
	uint64_t found[4] = { 0 };

	while (note_address < end) {
		const ARCH_ELF(Nhdr) *note = (const ARCH_ELF(Nhdr) *)note_address;
		uint64_t id = note_address + sizeof(*note) + ((note->n_namesz + 3) & -4u);

		if (note->n_type == 3 /* NT_GNU_BUILD_ID */ && note->n_descsz <= sizeof(found)) {
			memcpy(found, (const void *)id, note->n_descsz);
			return !memcmp(found, build, sizeof(found));
		}
		note_address = id + ((note->n_descsz + 3) & -4u);
	}
	return 0;
}

static int is_same_build(uint64_t vdso, const uint64_t build[4])
{
	const ARCH_ELF(Ehdr) *header = (const ARCH_ELF(Ehdr) *)vdso;
	const ARCH_ELF(Phdr) *segment = (const ARCH_ELF(Phdr) *)(vdso + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++, segment++)
		if (segment->p_type == PT_NOTE
		    && has_build(vdso + segment->p_offset,
				 vdso + segment->p_offset + segment->p_filesz, build))
			return 1;
	return 0;
}

static int move_vdso_pages(uint64_t from, uint64_t to, uint64_t length)
{
	return !sys_failed(sys(__NR_mremap, from, length, length,
			       MREMAP_MAYMOVE | MREMAP_FIXED, to));
}

/* Moves `count` adjacent mappings: at once since 6.17, before that one by one. (A kernel that
 * cannot move them at once unmaps the target range, which is empty, and moves none.) */
static int move_vdso_parts(uint64_t from, uint64_t to, const uint64_t *lengths, int count)
{
	uint64_t all = 0;

	for (int i = 0; i < count; i++)
		all += lengths[i];
	if (move_vdso_pages(from, to, all))
		return 1;
	for (int i = 0; i < count && count > 1; i++) {
		if (!move_vdso_pages(from, to, lengths[i])) {
			if (i > 0)
				fail("move the vDSO's data to its old address", NULL, 0);
			return 0;
		}
		from += lengths[i];
		to += lengths[i];
	}
	return count > 1;
}

/* Moves data and code to their old addresses; the code, last, covers the vDSO proxy. A
 * kernel that has sealed them refuses to move the data, and the proxy stays. */
static int take_old_place(struct restart *restart)
{
	const struct plan_vdso *old = &restart->plan->vdso;
	int code = 0;

	while (code + 1 < PLAN_VDSO_PARTS && old->length[code + 1])
		code++;
	if (!move_vdso_parts(restart->vdso - (old->address - old->start), old->start, old->length,
			code))
		return 0;
	if (!move_vdso_pages(restart->vdso, old->address, old->length[code]))
		fail("move the vDSO to its old address", NULL, 0);
	restart->vdso = old->address;
	*block_auxv(&restart->block, AT_SYSINFO_EHDR) = old->address;
	return 1;
}

void vdso_connect(struct restart *restart)
{
	const struct plan_vdso *old = &restart->plan->vdso;

	if (restart->vdso && old->address && restart->vdso != old->address
	    && is_same_build(restart->vdso, old->build) && take_old_place(restart))
		return;
	if (restart->vdso)
		fill_slots(restart); /* their saved values lead to real system calls */
}
