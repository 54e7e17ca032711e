/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A start replaces the file of a UNIX-domain socket only if it is a socket that no process has
 * open, and gives the new one the mode of the old. Any other file of that name is named in one
 * line and is not removed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static char *dump, *errors, *other;

static void bind_to(int fd)
{
	CHECK(!bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	CHECK(!lstat(path, &status));
	return status.st_mode;
}

static void prepare(void)
{
	int fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
	umask(022);
}

/* A start prints one line that names the path, and the file of that name keeps its inode. */
static void check_stays(const char *what)
{
	struct stat before, after;
	char *said;

	CHECK(!lstat(address.sun_path, &before));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = prepare }), 125);
	said = roundtrip_read(errors);
	fprintf(stderr, "%s: %s", what, said);
	CHECK(strstr(said, address.sun_path));
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
	CHECK(!lstat(address.sun_path, &after));
	CHECK_EQUAL(after.st_ino, before.st_ino);
	CHECK_EQUAL(after.st_mode, before.st_mode);
}

static void check_file(void)
{
	FILE *stream = fopen(address.sun_path, "w");

	CHECK(stream && fputs("data", stream) >= 0 && !fclose(stream));
	check_stays("file");
	CHECK_STRING(roundtrip_read(address.sun_path), "data");
	CHECK(!unlink(address.sun_path));
}

static void check_links(void)
{
	CHECK(!symlink("nowhere", address.sun_path));
	check_stays("dangling link");
	CHECK(!unlink(address.sun_path));
	CHECK(!symlink(strrchr(address.sun_path, '/') + 1, address.sun_path));
	check_stays("looping link");
	CHECK(!unlink(address.sun_path));
	/* The link leads to a socket that no process has open. */
	CHECK(!symlink(other, address.sun_path));
	check_stays("link to a socket");
	CHECK(S_ISSOCK(mode_of(other)));
	CHECK(!unlink(address.sun_path));
}

static void check_others(void)
{
	int taken;

	CHECK(!mkdir(address.sun_path, 0700));
	check_stays("directory");
	CHECK(!rmdir(address.sun_path) && !mkfifo(address.sun_path, 0600));
	check_stays("pipe");
	CHECK(!unlink(address.sun_path));
	taken = socket(AF_UNIX, SOCK_STREAM, 0);
	bind_to(taken);
	check_stays("socket that does not listen yet");
	CHECK(!listen(taken, 1));
	check_stays("socket that listens");
	close(taken);
	CHECK(!unlink(address.sun_path));
	taken = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind_to(taken);
	check_stays("datagram socket");
	close(taken);
}

int main(void)
{
	int fd;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	errors = roundtrip_path("errors");
	other = roundtrip_path("other");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", other);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind_to(fd);
	close(fd);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", roundtrip_path("socket"));
	umask(077);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind_to(fd);
	CHECK(!listen(fd, 3));
	umask(022);
	CHECK(!chmod(address.sun_path, 0640));
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		CHECK_EQUAL(mode_of(address.sun_path), S_IFSOCK | 0640);
		CHECK_EQUAL(umask(0), 022);
		return 0;
	}
	close(fd);
	/* First the name is left from this process, then it is missing. */
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = prepare }), 0);
	CHECK(!unlink(address.sun_path));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = prepare }), 0);
	CHECK(!unlink(address.sun_path));
	check_file();
	check_links();
	check_others();
	return 0;
}
