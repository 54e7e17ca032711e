/* SPDX-License-Identifier: MIT
 *
 * Finds a function that an ELF object in memory exports. Uses the hash table of the dynamic
 * linker (DT_GNU_HASH) and reads no file. The library searches its own process, the unexec
 * program another one; the caller supplies the function that reads.
 */
#ifndef SHARED_EXPORTS_H
#define SHARED_EXPORTS_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct exports {
	/* Reads `length` bytes at `address` into `buffer`. Returns 0 on success. */
	int (*read)(void *context, uint64_t address, void *buffer, size_t length);
	void *context;

	/* exports_open() fills these in. */
	uint64_t bias;
	uint64_t symbols, strings, hash;
};

#define EXPORTS_SEGMENTS_MAX 64  /* limits of what is read: program headers, */
#define EXPORTS_DYNAMIC_MAX 256  /* entries of the dynamic section, */
#define EXPORTS_CHAIN_MAX 65536  /* symbols of one hash bucket, */
#define EXPORTS_NAME_MAX 64      /* and the length of a name */

static inline bool exports_get(const struct exports *exports, uint64_t address, void *buffer,
			       size_t length)
{
	return !exports->read(exports->context, address, buffer, length);
}

/* glibc adds the object's address to the values in this table, musl does not. */
static inline uint64_t exports_place(const struct exports *exports, uint64_t value)
{
	return value < exports->bias ? value + exports->bias : value;
}

static inline bool exports_read_dynamic(struct exports *exports, uint64_t address)
{
	ElfW(Dyn) entry;

	for (int i = 0; i < EXPORTS_DYNAMIC_MAX; i++, address += sizeof(entry)) {
		if (!exports_get(exports, address, &entry, sizeof(entry)))
			return false;
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_SYMTAB)
			exports->symbols = exports_place(exports, entry.d_un.d_ptr);
		if (entry.d_tag == DT_STRTAB)
			exports->strings = exports_place(exports, entry.d_un.d_ptr);
		if (entry.d_tag == DT_GNU_HASH)
			exports->hash = exports_place(exports, entry.d_un.d_ptr);
	}
	return exports->symbols && exports->strings && exports->hash;
}

/* Opens the object whose ELF header lies at `start`, in the mapping of its first segment by
 * the kernel or the dynamic linker. Returns false for other memory and for objects without
 * exports. */
static inline bool exports_open(struct exports *exports, uint64_t start, uint16_t machine)
{
	uint64_t dynamic = 0;
	bool has_dynamic = false, has_start = false;
	ElfW(Ehdr) header;
	ElfW(Phdr) segment;

	if (!exports_get(exports, start, &header, sizeof(header))
	    || memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_machine != machine
	    || header.e_phentsize != sizeof(segment) || header.e_phnum > EXPORTS_SEGMENTS_MAX)
		return false;
	for (int i = 0; i < header.e_phnum; i++) {
		if (!exports_get(exports, start + header.e_phoff + (size_t)i * sizeof(segment),
				 &segment, sizeof(segment)))
			return false;
		if (segment.p_type == PT_LOAD && segment.p_offset == 0) {
			exports->bias = start - segment.p_vaddr;
			has_start = true;
		}
		if (segment.p_type == PT_DYNAMIC) {
			dynamic = segment.p_vaddr;
			has_dynamic = true;
		}
	}
	exports->symbols = exports->strings = exports->hash = 0;
	return has_dynamic && has_start
	       && exports_read_dynamic(exports, exports->bias + dynamic);
}

static inline uint32_t exports_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static inline bool exports_is(const struct exports *exports, const ElfW(Sym) *symbol,
			      const char *name)
{
	size_t length = strlen(name) + 1;
	char found[EXPORTS_NAME_MAX];
	uint32_t type = symbol->st_info & 0xf; /* ELF32_ST_TYPE, ELF64_ST_TYPE */

	/* A function or a variable, but no function that is chosen at run time
	 * (STT_GNU_IFUNC). */
	return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_OBJECT)
	       && length <= sizeof(found)
	       && exports_get(exports, exports->strings + symbol->st_name, found, length)
	       && !memcmp(found, name, length);
}

/* Returns its address, or 0 if the object does not export it. */
static inline uint64_t exports_find(const struct exports *exports, const char *name)
{
	struct { uint32_t buckets, first, bloom, shift; } table;
	uint32_t hash = exports_hash(name), index, chain;
	uint64_t buckets, chains;
	ElfW(Sym) symbol;

	if (!exports_get(exports, exports->hash, &table, sizeof(table)) || !table.buckets)
		return 0;
	buckets = exports->hash + sizeof(table) + table.bloom * sizeof(ElfW(Addr));
	chains = buckets + table.buckets * sizeof(uint32_t);
	if (!exports_get(exports, buckets + hash % table.buckets * sizeof(uint32_t), &index,
			 sizeof(index)) || index < table.first)
		return 0;
	for (int i = 0; i < EXPORTS_CHAIN_MAX; i++, index++) {
		if (!exports_get(exports, chains + (index - table.first) * sizeof(chain), &chain,
				 sizeof(chain)))
			return 0;
		if ((chain | 1) == (hash | 1)
		    && exports_get(exports, exports->symbols + index * sizeof(symbol), &symbol,
				   sizeof(symbol))
		    && exports_is(exports, &symbol, name))
			return exports->bias + symbol.st_value;
		if (chain & 1)
			break;
	}
	return 0;
}

#endif
