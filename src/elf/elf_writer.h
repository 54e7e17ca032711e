/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a layout as an ELF executable, with sections, symbols and the restarter.
 *
 *   0     ELF header
 *   64    program headers
 *         segments' bytes                  layout->data_offset .. layout->data_end
 *         restarter, plan, image's text, checksums
 *                                          one segment, page-aligned
 *         .symtab .strtab .shstrtab
 *         section headers
 */
#ifndef ELF_ELF_WRITER_H
#define ELF_ELF_WRITER_H

#include "capture/capture.h"
#include "elf/sums.h"
#include "layout/layout.h"

/* Writes the executable to `fd`, an empty regular file opened O_RDWR. Streams memory
 * through a buffer of less than 1 MB; pages of zeros become holes. The file is not synced.
 * What is found on the way (locks to mend) is added to the image. Returns 0, or -1 with
 * errors in the report (READ, WRITE, NO_ROOM, SEGMENTS). */
int elf_write(int fd, struct capture *capture, const struct layout *layout,
	      struct report *report);

/* The same bytes from beginning to end into what need not be a regular file: *ret_size of
 * them. Reads writable memory twice, so that it must not change meanwhile; nothing is sent
 * before all but memory is known. */
int elf_send(int fd, struct capture *capture, const struct layout *layout,
	     struct report *report, uint64_t *ret_size);

/* ---- The parts -------------------------------------------------------------------------- */

/* The restarter's code, position-independent; its first byte is its entry. */
extern const unsigned char restarter_blob_start[], restarter_blob_end[];

/* The plan follows the code at this alignment. */
#define ELF_PLAN_ALIGN UINT64_C(16)

static inline uint64_t elf_align(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & -alignment;
}

/* Writes all of it at `offset`. 0, or -1 with errno. */
int elf_write_bytes(int fd, const void *bytes, size_t length, uint64_t offset);
/* Writes all of it to what cannot be seeked. 0, or -1 with errno. */
int elf_send_bytes(int fd, const void *bytes, size_t length);

/* elf/stream.c: adds a checksum to be for each piece of each segment. */
void stream_list(struct capture *capture, const struct layout *layout, struct sums *sums);

/* Writes the bytes of all segments, without those that are zero; adds a mend to the image for
 * each lock that a thread of it holds; sets the checksums that stream_list has added. 0, or
 * -1 with an error in the report. */
int stream_segments(int fd, struct capture *capture, const struct layout *layout,
		    struct sums *sums, struct report *report);

/* The same in two parts, for what cannot be seeked: adds the mends; sends the bytes from
 * layout->data_offset to data_end. */
int stream_look(struct capture *capture, const struct layout *layout, struct report *report);
int stream_send(int fd, struct capture *capture, const struct layout *layout,
		struct sums *sums, struct report *report);

/* elf/plan_writer.c: the plan for an image and its layout, *ret_size bytes (also in the plan
 * itself), to be freed. `behind` bytes follow it in the restarter's segment. NULL with an
 * error in the report: NO_ROOM. */
struct plan *plan_build(const struct image *image, const struct layout *layout, size_t behind,
			size_t *ret_size, struct report *report);

struct Elf; /* libelf's */

/* elf/mapped_file.c: an ELF file that the process has mapped, and where. */
struct mapped_file {
	int fd;
	struct Elf *elf;
	uint64_t bias; /* to be added to the file's addresses */
};

enum mapped_file_status {
	MAPPED_FILE_OPEN,
	MAPPED_FILE_GONE,     /* cannot be opened; errno says why */
	MAPPED_FILE_FOREIGN,  /* no ELF file for the image's machine, or not where it is mapped */
	MAPPED_FILE_REPLACED, /* its notes (build ID, …) are not those in memory */
};

/* Opens the file of that name; to be closed only if it is MAPPED_FILE_OPEN then. */
enum mapped_file_status mapped_file_open(struct mapped_file *file, struct capture *capture,
					 const char *path);
void mapped_file_close(struct mapped_file *file);

/* A symbol of the program or one of its libraries, at its run-time address. */
struct symbol {
	char *name;
	uint64_t value, size;
	unsigned char info; /* st_info */
};

struct symbols {
	struct symbol *list; /* sorted by value; of one value, the best name last */
	size_t count, room;
};

/* elf/symbols.c, the only user of libbfd here: all function and data symbols of the files
 * mapped in the image, .symtab and .dynsym, each name of an address once. A file that is
 * gone or has been replaced is named in a warning (SYMBOLS). Never fails. */
void symbols_collect(struct symbols *symbols, struct capture *capture, struct report *report);
void symbols_free(struct symbols *symbols);

/* The addresses in the ELF file of the functions of that name, which the caller frees; none of
 * those that the dynamic linker chooses at run time (ifunc). */
uint64_t *symbols_find_function(const char *path, const char *name, size_t *ret_count);

/* A section header to be: what part of the file is called. */
struct section {
	char *name;
	uint64_t address; /* where it is mapped at start */
	uint64_t offset;  /* in the file */
	uint64_t size;
	uint32_t prot;
	uint32_t type;      /* sh_type; SHT_NOBITS: nothing is mapped at the address at start */
	uint32_t info;      /* sh_info */
	uint64_t item_size; /* sh_entsize */
	uint64_t link;      /* address of the section that it needs to be understood; or 0 */
};

struct sections {
	struct section *list; /* sorted by address; cover each segment without a gap */
	size_t count, room;
};

/* elf/sections.c: the program's own sections by name at their run-time addresses, as its
 * file names them; everything else after the region it comes from (".heap", ".stack",
 * ".libc.so.6", …). Neighbours of one name are one section. There are so few that, with what
 * the caller adds, the number is less than SHN_LORESERVE: of many regions, neighbours of
 * different names become one. */
void sections_collect(struct sections *sections, struct capture *capture,
		      const struct layout *layout);
void sections_free(struct sections *sections);

/* Adds one where its address belongs; the name is copied. */
void sections_insert(struct sections *sections, const struct section *section);

#endif
