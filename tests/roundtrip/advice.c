/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory with MADV_WIPEONFORK or MADV_DONTDUMP is zero in the dump, keeps its advice, and a
 * warning names it. Memory with MADV_DONTFORK keeps its content, and no child has it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH 65536

static char *make(int advice)
{
	char *memory = mmap(NULL, LENGTH + 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	memory += 4096; /* no neighbours that the kernel could merge it with */
	mprotect(memory - 4096, 4096, PROT_NONE);
	mprotect(memory + LENGTH, 4096, PROT_NONE);
	memset(memory, 7, LENGTH);
	CHECK(!madvise(memory, LENGTH, advice));
	return memory;
}

static int named(const struct unexec_report *report, const char *memory)
{
	struct unexec_diagnostic diagnostic;
	int found = 0;

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (diagnostic.code == UNEXEC_CODE_NOT_CARRIED)
			found += diagnostic.start <= (uintptr_t)memory &&
				 diagnostic.end >= (uintptr_t)memory + LENGTH;
	return found;
}

static void check_zero(char *memory)
{
	for (int i = 0; i < LENGTH; i++)
		CHECK_EQUAL(memory[i], 0);
	memset(memory, 1, LENGTH);
}

/* Returns the exit status of a child that reads the first byte. */
static int child_sees(const char *memory)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(memory[0]);
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
	struct unexec_report *report = unexec_report_new();
	char *dont_fork, *wipe, *dont_dump, *dump;
	int status;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	dont_fork = make(MADV_DONTFORK);
	wipe = make(MADV_WIPEONFORK);
	dont_dump = make(MADV_DONTDUMP);
	status = unexec_dump(dump, NULL, report);
	unexec_report_print(report, stderr);
	if (status == UNEXEC_DUMPED) {
		CHECK(!named(report, dont_fork));
		CHECK_EQUAL(child_sees(dont_fork), 128 + 11);
		CHECK(named(report, wipe));
		CHECK(named(report, dont_dump));
		CHECK(dont_fork[5] == 7 && wipe[5] == 7 && dont_dump[5] == 7);
		_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
	}
	CHECK_EQUAL(status, UNEXEC_RESUMED);
	CHECK(dont_fork[0] == 7 && dont_fork[5] == 7);
	check_zero(wipe);
	check_zero(dont_dump);
	CHECK_EQUAL(child_sees(wipe), 0);
	CHECK_EQUAL(child_sees(dont_fork), 128 + 11);
	CHECK_EQUAL(child_sees(dont_dump), 1);
	return 0;
}
