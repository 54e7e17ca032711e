/* SPDX-License-Identifier: MIT
 *
 * Messages of a dump: one line on stderr.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "base.h"

#define EXIT_CANNOT_START 125

#define PATH_ROOM 512 /* for the dump's path in a line; a longer one is truncated */

/* File names may contain any character; a message is one line. */
static char printable_byte(char character)
{
	return (unsigned char)character < ' ' || character == 0x7f ? '?' : character;
}

void append(struct line *line, const char *text)
{
	while (*text && line->length < sizeof(line->text) - 1)
		line->text[line->length++] = printable_byte(*text++);
}

void append_number(struct line *line, long number)
{
	char digits[24];
	size_t at = sizeof(digits);

	digits[--at] = 0;
	do
		digits[--at] = '0' + number % 10;
	while (number /= 10);
	append(line, digits + at);
}

/* A switch of returns would become a table of pointers, which needs relocations. */
static const char *reason(long error)
{
	if (error == -ENOENT) return "No such file or directory";
	if (error == -EACCES) return "Permission denied";
	if (error == -EPERM) return "Operation not permitted";
	if (error == -ENOMEM) return "Cannot allocate memory";
	if (error == -ENOSYS) return "Function not implemented";
	if (error == -EMFILE) return "Too many open files (ulimit -n)";
	if (error == -EBADF) return "Descriptor number above the limit (ulimit -n)";
	if (error == -EFBIG) return "Above the limit of file sizes (ulimit -f)";
	if (error == -EROFS) return "Read-only file system";
	if (error == -EISDIR) return "Is a directory";
	if (error == -ENOTDIR) return "Not a directory";
	if (error == -ETXTBSY) return "Text file busy";
	if (error == -EADDRINUSE) return "Address already in use";
	if (error == -EADDRNOTAVAIL) return "Cannot assign requested address";
	if (error == -ECONNREFUSED) return "Connection refused";
	if (error == -ENETUNREACH) return "Network is unreachable";
	if (error == -EAGAIN) return "Resource temporarily unavailable";
	if (error == -ENXIO) return "No such device or address";
	if (error == -ENOPROTOOPT) return "Protocol not available";
	if (error == -ENODEV) return "No such device";
	if (error == -EEXIST) return "Already in use";
	return NULL;
}

void append_reason(struct line *line, long error)
{
	append(line, ": ");
	if (reason(error)) {
		append(line, reason(error));
	} else {
		append(line, "error ");
		append_number(line, -error);
	}
}

void end_line(struct line *line)
{
	line->text[line->length++] = '\n';
	sys(__NR_write, 2, line->text, line->length);
}

void fail_line(struct line *line)
{
	end_line(line);
	for (;;)
		sys(__NR_exit_group, EXIT_CANNOT_START);
}

void begin_line(struct line *line, const char *severity)
{
	long length;

	line->length = 0;
	append(line, "unexec: ");
	/* Without /proc, the message has no name. */
	length = sys(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", line->text + line->length,
		     PATH_ROOM);
	if (length > 0) {
		for (long i = 0; i < length; i++, line->length++)
			line->text[line->length] = printable_byte(line->text[line->length]);
		append(line, ": ");
	}
	append(line, severity);
	append(line, ": ");
}

void warn(const char *what, const char *name)
{
	struct line line;

	begin_line(&line, "warning");
	append(&line, what);
	append(&line, " ");
	append(&line, name);
	end_line(&line);
}

void fail(const char *what, const char *name, long error)
{
	struct line line;

	begin_line(&line, "error");
	append(&line, "cannot ");
	append(&line, what);
	if (name) {
		append(&line, " ");
		append(&line, name);
	}
	if (error)
		append_reason(&line, error);
	fail_line(&line);
}
