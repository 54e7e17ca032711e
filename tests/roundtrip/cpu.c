/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump that needs features that no CPU has (FMA4 and AVX-512) prints one line and ends with
 * status 125. It starts with UNEXEC_CPU=any, and as it was written.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"
#include "../lib/spoil_vdso.h"

static char *path, *said;

static void listen_to_it(void)
{
	int fd = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK(dup2(fd, 2) == 2);
}

static int start_with(const char *variable)
{
	const char *const environment[] = { "HOME=/", variable, NULL };

	return roundtrip_run(path, &(struct roundtrip){ .environment = environment,
							.prepare = listen_to_it });
}

static void check_refused(const char *variable)
{
	char *text;

	CHECK_EQUAL(start_with(variable), 125);
	text = roundtrip_read(said);
	CHECK(!strncmp(text, "unexec: ", 8) && strstr(text, ": error: this CPU lacks "));
	CHECK(strstr(text, "fma4, ") || strstr(text, "avx512f, "));
	CHECK(!strcmp(strchr(text, ';'), "; UNEXEC_CPU=any starts it anyway\n"));
	free(text);
}

int main(void)
{
	roundtrip_begin();
	path = roundtrip_path("dump");
	said = roundtrip_path("said");
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		return 42;

	CHECK_EQUAL(start_with(NULL), 42);
	spoil_cpu(path);
	check_refused(NULL);
	check_refused("UNEXEC_CPU=all");
	CHECK_EQUAL(start_with("UNEXEC_CPU=any"), 42);
	return 0;
}
