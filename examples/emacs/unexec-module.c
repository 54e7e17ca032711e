/* SPDX-License-Identifier: MIT
 *
 * A dynamic module with which an unchanged Emacs, since version 25, writes itself as a program.
 * unexec.el has the commands; this file has the parts that need C:
 *
 *   (unexec--dump FILE)         => dumped, in this Emacs, or resumed, in the new program
 *   (unexec--dump-main FILE)    => dumped; the new program calls main
 *   (unexec--arguments)         => the arguments of the current process
 *   (unexec--environment)       => its environment
 *
 * Both dump functions signal `unexec-error' if no dump was made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <emacs-module.h>
#include <unexec.h>

/* Emacs requires this symbol. The MIT licence of this module is compatible with the GPL. */
int plugin_is_GPL_compatible;

static void fail(emacs_env *env, const char *text)
{
	emacs_value string = env->make_string(env, text, (ptrdiff_t)strlen(text));
	emacs_value data = env->funcall(env, env->intern(env, "list"), 1, &string);

	env->non_local_exit_signal(env, env->intern(env, "unexec-error"), data);
}

/* Returns NULL after it has signalled an error. */
static char *copy_string(emacs_env *env, emacs_value value)
{
	ptrdiff_t size = 0;
	char *string;

	if (!env->copy_string_contents(env, value, NULL, &size))
		return NULL;
	string = malloc((size_t)size);
	if (!string)
		fail(env, strerror(ENOMEM));
	else if (env->copy_string_contents(env, value, string, &size))
		return string;
	free(string);
	return NULL;
}

/* Signal the first error, or the status if there is none. */
static void fail_with(emacs_env *env, const struct unexec_report *report, int status)
{
	struct unexec_diagnostic diagnostic = { .text = unexec_status_name(status) };

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (diagnostic.severity == UNEXEC_ERROR)
			break;
	fail(env, diagnostic.text);
}

/* Descriptors with a peer outside, such as the terminal of a subprocess, are /dev/null in the
 * dump, so Emacs finds that the subprocess has ended. */
static emacs_value dump(emacs_env *env, ptrdiff_t count, emacs_value *arguments, void *data)
{
	const struct unexec_options options = { .size = sizeof(options),
						.descriptors = UNEXEC_FD_NULL,
						.files = UNEXEC_FILES_ANY };
	struct unexec_report *report = unexec_report_new();
	char *path = copy_string(env, arguments[0]);
	int status = path ? unexec_dump(path, &options, report) : 0;

	(void)count;
	(void)data;
	if (status < 0)
		fail_with(env, report, status);
	free(path);
	unexec_report_free(report);
	return env->intern(env, status == UNEXEC_RESUMED ? "resumed" : "dumped");
}

/* Dump as Emacs itself did when it was built. */
static emacs_value dump_main(emacs_env *env, ptrdiff_t count, emacs_value *arguments,
			     void *data)
{
	char *path = copy_string(env, arguments[0]);

	(void)count;
	(void)data;
	if (path && unexec(path, NULL))
		fail(env, strerror(errno));
	free(path);
	return env->intern(env, "dumped");
}

static emacs_value list_of(emacs_env *env, char **strings)
{
	emacs_value list = env->intern(env, "nil"), pair[2];
	ptrdiff_t count = 0;

	while (strings[count])
		count++;
	while (count-- > 0) {
		pair[0] = env->make_string(env, strings[count],
					   (ptrdiff_t)strlen(strings[count]));
		pair[1] = list;
		list = env->funcall(env, env->intern(env, "cons"), 2, pair);
	}
	return list;
}

static emacs_value list_arguments(emacs_env *env, ptrdiff_t count, emacs_value *arguments,
				  void *data)
{
	char **argv;

	(void)count;
	(void)arguments;
	(void)data;
	unexec_arguments(NULL, &argv, NULL);
	return list_of(env, argv);
}

static emacs_value list_environment(emacs_env *env, ptrdiff_t count, emacs_value *arguments,
				    void *data)
{
	char **envp;

	(void)count;
	(void)arguments;
	(void)data;
	unexec_arguments(NULL, NULL, &envp);
	return list_of(env, envp);
}

static void define(emacs_env *env, const char *name, ptrdiff_t arguments,
		   emacs_value (*function)(emacs_env *, ptrdiff_t, emacs_value *, void *))
{
	emacs_value pair[] = {
		env->intern(env, name),
		env->make_function(env, arguments, arguments, function, NULL, NULL),
	};

	env->funcall(env, env->intern(env, "defalias"), 2, pair);
}

int emacs_module_init(struct emacs_runtime *runtime)
{
	emacs_env *env;

	if ((size_t)runtime->size < sizeof(*runtime))
		return 1;
	env = runtime->get_environment(runtime);
	define(env, "unexec--dump", 1, dump);
	define(env, "unexec--dump-main", 1, dump_main);
	define(env, "unexec--arguments", 0, list_arguments);
	define(env, "unexec--environment", 0, list_environment);
	return 0;
}
