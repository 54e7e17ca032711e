/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unexec_generation and unexec_arguments describe the calling process, before and after a dump,
 * and accept NULL.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

int main(int argc, char **argv, char **envp)
{
	static const char *const arguments[] = { "name", "a", "b", NULL };
	static const char *const environment[] = { "X=1", NULL };
	char **got_argv = NULL, **got_envp = NULL;
	int got_argc = -1;

	roundtrip_begin();
	CHECK_EQUAL(unexec_generation(), 0);
	unexec_arguments(NULL, NULL, NULL);
	unexec_arguments(&got_argc, &got_argv, &got_envp);
	CHECK_EQUAL(got_argc, argc);
	for (int i = 0; i <= argc; i++)
		CHECK(argv[i] ? !strcmp(got_argv[i], argv[i]) : !got_argv[i]);
	CHECK_STRING(got_envp[0], envp[0]);
	roundtrip_cut_with(&(struct roundtrip){ .arguments = arguments,
						.environment = environment });
	CHECK_EQUAL(unexec_generation(), 1);
	unexec_arguments(NULL, NULL, NULL);
	unexec_arguments(&got_argc, NULL, NULL);
	CHECK_EQUAL(got_argc, 3);
	unexec_arguments(NULL, &got_argv, &got_envp);
	for (int i = 0; i < 3; i++)
		CHECK_STRING(got_argv[i], arguments[i]);
	CHECK(!got_argv[3]);
	CHECK_STRING(got_envp[0], "X=1");
	CHECK(!got_envp[1]);
	/* The arguments stay although the environment changes. */
	clearenv();
	setenv("Y", "2", 1);
	unexec_arguments(NULL, &got_argv, NULL);
	CHECK_STRING(got_argv[2], "b");
	return 0;
}
