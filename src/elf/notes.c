/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads ELF notes.
 */
#include <gelf.h>
#include <string.h>

#include "base/range.h"
#include "elf/notes.h"

/* Owner and content are padded to this, also in notes of 64-bit files. */
#define NOTE_UNIT 4

size_t elf_note_take(const void *bytes, size_t size, struct elf_note *ret_note)
{
	const unsigned char *start = bytes;
	GElf_Nhdr header; /* the same for all classes */
	size_t content;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, start, sizeof(header));
	content = sizeof(header) + align_up(header.n_namesz, NOTE_UNIT);
	if (content > size || header.n_descsz > size - content)
		return 0;
	*ret_note = (struct elf_note){
		.type = header.n_type,
		.owner = (const char *)start + sizeof(header),
		.owner_size = header.n_namesz,
		.content = start + content,
		.size = header.n_descsz,
	};
	content += align_up(header.n_descsz, NOTE_UNIT);
	return content < size ? content : size;
}

bool elf_note_is_of(const struct elf_note *note, const char *owner)
{
	size_t size = strlen(owner) + 1;

	return note->owner_size == size && !memcmp(note->owner, owner, size);
}

bool elf_build_id_find(const void *notes, size_t size, struct elf_build_id *ret_id)
{
	const unsigned char *at = notes;
	struct elf_note note;
	size_t length;

	for (; (length = elf_note_take(at, size, &note)); at += length, size -= length) {
		if (note.type != NT_GNU_BUILD_ID || !elf_note_is_of(&note, ELF_NOTE_GNU)
		    || !note.size || note.size > sizeof(ret_id->bytes))
			continue;
		ret_id->size = note.size;
		memcpy(ret_id->bytes, note.content, note.size);
		return true;
	}
	return false;
}
