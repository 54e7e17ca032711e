/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads ELF notes from a file, a core, or the memory of a process. Their bytes may be forged.
 */
#ifndef ELF_NOTES_H
#define ELF_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_note {
	uint32_t type;
	const char *owner; /* `owner_size` bytes, the NUL among them */
	size_t owner_size;
	const unsigned char *content;
	size_t size;
};

/* Reads the note at the start of the bytes. Returns its length with the padding, which the last
 * note may lack; 0 if no whole note begins there. The note points into the bytes. */
size_t elf_note_take(const void *bytes, size_t size, struct elf_note *ret_note);

bool elf_note_is_of(const struct elf_note *note, const char *owner);

#define ELF_BUILD_ID_MAX 64 /* linkers make 8 to 20 bytes unless told otherwise */

/* The bytes of NT_GNU_BUILD_ID. */
struct elf_build_id {
	size_t size; /* 0: none */
	unsigned char bytes[ELF_BUILD_ID_MAX];
};

/* Finds the first build-id in the notes of a segment. Returns false if they have none. */
bool elf_build_id_find(const void *notes, size_t size, struct elf_build_id *ret_id);

#endif
