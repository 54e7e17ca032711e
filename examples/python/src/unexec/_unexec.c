/* SPDX-License-Identifier: MIT
 *
 * The C part of the Python module unexec. All functions are called with the GIL. A dump keeps
 * it, so no other Python thread runs between the functions given to at_dump, the dump, and the
 * updates in a start of the dump.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

static const char *const severities[] = { "note", "warning", "error" };
static const char *const stages[] = { "prepare", "capture", "layout", "write" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_of_code(enum unexec_code code)
{
	switch (code) {
#define NAME(name, number, status, text) case number: return #name;
	UNEXEC_DIAGNOSTICS(NAME)
#undef NAME
	default: return "NONE";
	}
}

/* The fields of unexec.Diagnostic. */
static PyObject *tuple_of(const struct unexec_diagnostic *diagnostic)
{
	unsigned severity = diagnostic->severity, stage = diagnostic->stage;

	return Py_BuildValue("sssiKKN",
			     severity < COUNT(severities) ? severities[severity] : "error",
			     name_of_code(diagnostic->code),
			     stage < COUNT(stages) ? stages[stage] : "prepare",
			     diagnostic->error, (unsigned long long)diagnostic->start,
			     (unsigned long long)diagnostic->end,
			     PyUnicode_DecodeFSDefault(diagnostic->text));
}

static PyObject *list_of(const struct unexec_report *report)
{
	struct unexec_diagnostic diagnostic;
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && !unexec_report_get(report, i, &diagnostic); i++) {
		PyObject *tuple = tuple_of(&diagnostic);

		if (!tuple || PyList_Append(list, tuple))
			Py_CLEAR(list);
		Py_XDECREF(tuple);
	}
	return list;
}

/* For Python, a dump without other Python threads is like the child of a fork: the functions
 * given to os.register_at_fork are called in both processes. */
static int dump_like_fork(const char *path, const struct unexec_options *options,
			  struct unexec_report *report)
{
	int status;

	PyOS_BeforeFork();
	status = unexec_dump(path, options, report);
	if (status == UNEXEC_RESUMED)
		PyOS_AfterFork_Child();
	else
		PyOS_AfterFork_Parent();
	return status;
}

PyDoc_STRVAR(dump_doc, "dump(path, threads, fds, files, like_fork) -> (status, diagnostics)");

static PyObject *dump(PyObject *module, PyObject *args)
{
	struct unexec_options options = { .size = sizeof(options) };
	struct unexec_report *report;
	int threads, fds, files, like_fork, status;
	const char *path;
	PyObject *list;

	(void)module;
	if (!PyArg_ParseTuple(args, "yiiip:dump", &path, &threads, &fds, &files, &like_fork))
		return NULL;
	options.threads = threads;
	options.descriptors = fds;
	options.files = files;
	report = unexec_report_new();
	if (!report)
		return PyErr_NoMemory();
	status = like_fork ? dump_like_fork(path, &options, report)
			   : unexec_dump(path, &options, report);
	list = list_of(report);
	unexec_report_free(report);
	return list ? Py_BuildValue("iN", status, list) : NULL;
}

/* The code of a SystemExit that is being raised. */
static PyObject *code_of_exit(void)
{
	PyObject *type, *value, *traceback, *code = NULL;

	PyErr_Fetch(&type, &value, &traceback);
	PyErr_NormalizeException(&type, &value, &traceback);
	if (value)
		code = PyObject_GetAttrString(value, "code");
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(traceback);
	return code;
}

/* finish() ends the process. */
static void end_by(PyObject *finish, PyObject *result)
{
	if (!result && PyErr_ExceptionMatches(PyExc_SystemExit))
		result = code_of_exit();
	if (!result) {
		PyErr_Print();
		result = PyLong_FromLong(1);
	}
	if (result)
		PyObject_CallFunctionObjArgs(finish, result, NULL);
}

PyDoc_STRVAR(run_doc, "run(prepare, entry, finish): call the first two, then finish() with the\n"
	     "code of the SystemExit. With None, end the process as Python's own main does at\n"
	     "the end of a script: with traceback, atexit, flush, status.");

static PyObject *run(PyObject *module, PyObject *args)
{
	PyObject *prepare, *entry, *finish, *result;

	(void)module;
	if (!PyArg_ParseTuple(args, "OOO:run", &prepare, &entry, &finish))
		return NULL;
	result = PyObject_CallObject(prepare, NULL);
	if (result) {
		Py_DECREF(result);
		result = PyObject_CallObject(entry, NULL);
	}
	if (finish != Py_None)
		end_by(finish, result);
	else if (result)
		PyErr_SetObject(PyExc_SystemExit, result);
	PyErr_Print(); /* does not return for SystemExit, except under python -i */
	Py_Exit(1);
}

/* exit() would call the destructors of libraries. Python's usual ones free what OpenSSL and others
 * have, and so write half as many pages as the rest of a short run. */
PyDoc_STRVAR(end_doc, "end(status): flush C's streams, and end the process");

static PyObject *end(PyObject *module, PyObject *args)
{
	int status;

	(void)module;
	if (!PyArg_ParseTuple(args, "i:end", &status))
		return NULL;
	fflush(NULL);
	_exit(status);
}

static PyObject *list_of_arguments(char **argv)
{
	PyObject *list = PyList_New(0);

	for (; list && *argv; argv++) {
		PyObject *argument = PyUnicode_DecodeFSDefault(*argv);

		if (!argument || PyList_Append(list, argument))
			Py_CLEAR(list);
		Py_XDECREF(argument);
	}
	return list;
}

/* os.environ holds bytes internally. If a name occurs twice, it uses the first value. */
static PyObject *dict_of_environment(char **envp)
{
	PyObject *dict = PyDict_New();

	for (; dict && envp && *envp; envp++) {
		const char *equals = strchr(*envp, '=');
		PyObject *name, *value;

		if (!equals)
			continue;
		name = PyBytes_FromStringAndSize(*envp, equals - *envp);
		value = PyBytes_FromString(equals + 1);
		if (!name || !value || !PyDict_SetDefault(dict, name, value))
			Py_CLEAR(dict);
		Py_XDECREF(name);
		Py_XDECREF(value);
	}
	return dict;
}

PyDoc_STRVAR(arguments_doc, "arguments() -> (arguments, environment) of the current process");

static PyObject *arguments(PyObject *module, PyObject *unused)
{
	char **argv;

	(void)module;
	(void)unused;
	unexec_arguments(NULL, &argv, NULL);
	return Py_BuildValue("NN", list_of_arguments(argv), dict_of_environment(environ));
}

PyDoc_STRVAR(zone_doc, "zone() -> the local time zone that libc has last read");

static PyObject *zone(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return Py_BuildValue("liyy", timezone, daylight, tzname[0], tzname[1]);
}

PyDoc_STRVAR(generation_doc, "generation() -> int");

static PyObject *generation(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyLong_FromLong(unexec_generation());
}

PyDoc_STRVAR(exclude_doc, "exclude(buffer): never released, so that its memory does not move");

static PyObject *exclude(PyObject *module, PyObject *object)
{
	Py_buffer *view = PyMem_Malloc(sizeof(*view));

	(void)module;
	if (!view)
		return PyErr_NoMemory();
	if (PyObject_GetBuffer(object, view, PyBUF_WRITABLE)) {
		PyMem_Free(view);
		return NULL;
	}
	switch (view->len ? unexec_exclude(view->buf, (size_t)view->len) : 0) {
	case 0: Py_RETURN_NONE;
	case UNEXEC_NOMEM: return PyErr_NoMemory();
	default:
		PyErr_SetString(PyExc_ValueError, "not a range of memory");
		return NULL;
	}
}

PyDoc_STRVAR(set_fd_policy_doc, "set_fd_policy(fd, policy)");

static PyObject *set_fd_policy(PyObject *module, PyObject *args)
{
	int fd, policy;

	(void)module;
	if (!PyArg_ParseTuple(args, "ii:set_fd_policy", &fd, &policy))
		return NULL;
	switch (unexec_set_fd_policy(fd, policy)) {
	case 0: Py_RETURN_NONE;
	case UNEXEC_NOMEM: return PyErr_NoMemory();
	default:
		return PyErr_Format(PyExc_ValueError,
				    "no policy for descriptor %d: it is always that of the "
				    "new process", fd);
	}
}

static PyMethodDef methods[] = {
	{ "dump", dump, METH_VARARGS, dump_doc },
	{ "run", run, METH_VARARGS, run_doc },
	{ "end", end, METH_VARARGS, end_doc },
	{ "arguments", arguments, METH_NOARGS, arguments_doc },
	{ "zone", zone, METH_NOARGS, zone_doc },
	{ "generation", generation, METH_NOARGS, generation_doc },
	{ "exclude", exclude, METH_O, exclude_doc },
	{ "set_fd_policy", set_fd_policy, METH_VARARGS, set_fd_policy_doc },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "unexec._unexec",
	.m_doc = "The functions of libunexec that the module unexec uses.",
	.m_size = -1, /* one process, one dump: not for subinterpreters */
	.m_methods = methods,
};

PyMODINIT_FUNC PyInit__unexec(void); /* Python looks it up by its name */

PyMODINIT_FUNC PyInit__unexec(void)
{
	return PyModule_Create(&definition);
}
