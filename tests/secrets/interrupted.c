/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A signal handler that has interrupted code which mangles a pointer is where a dump is made: what
 * is in the registers of that code is of the old pointer guard, so the guard stays, which a note
 * says; in any other code, it does not.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

/* As in setjmp: rol $17, %rax; and an instruction that is a signal. x86-64 */
void in_midst(void);
void elsewhere(void);
__asm__(".text\n"
	".balign 512\n"
	"in_midst: rol $17, %rax\n"
	"	ud2\n"
	"	ret\n"
	".balign 512\n"
	"elsewhere: ud2\n"
	"	ret\n"
	".balign 512\n");

static uint64_t pointer_guard(void)
{
	uint64_t word;

	__asm__ volatile("mov %%fs:0x30, %0" : "=r"(word));
	return word;
}

static const char *path;
static uint64_t before;
static bool noted, resumed;

static void on_signal(int number, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic one;
	int status;

	(void)number;
	(void)info;
	before = ~pointer_guard(); /* or it would be found, and renewed with it */
	status = unexec_dump(path, NULL, report);
	unexec_report_print(report, stderr);
	CHECK(status >= 0);
	resumed = status == UNEXEC_RESUMED;
	noted = false;
	for (size_t i = 0; !unexec_report_get(report, i, &one); i++)
		noted |= one.code == UNEXEC_CODE_GUARD && strstr(one.text, "mangle");
	unexec_report_free(report);
	interrupted->uc_mcontext.gregs[REG_RIP] += 2;
}

/* Whether the guard of the dump is to be the old one. */
static void check(void (*code)(void), bool stays)
{
	code();
	if (resumed)
		_exit((~pointer_guard() == before) != stays);
	CHECK_EQUAL(noted, stays);
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!sigaction(SIGILL, &action, NULL));
	check(elsewhere, false);
	check(in_midst, true);
	return 0;
}
