/* SPDX-License-Identifier: MIT
 *
 * The C part of the Tcl package unexec; unexec.tcl is the rest.
 */
#include <stdint.h>
#include <sys/random.h>

#include <tcl.h>
#include <unexec.h>

/* The result has one line for each error; errorCode is UNEXEC and the name of the status. */
static int fail(Tcl_Interp *interp, const struct unexec_report *report, int status)
{
	struct unexec_diagnostic diagnostic;
	Tcl_Obj *text = Tcl_NewObj();
	const char *separator = "";

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++) {
		if (diagnostic.severity != UNEXEC_ERROR)
			continue;
		Tcl_AppendStringsToObj(text, separator, diagnostic.text, NULL);
		separator = "\n";
	}
	Tcl_SetObjResult(interp, text);
	Tcl_SetErrorCode(interp, "UNEXEC", unexec_status_name(status), NULL);
	return TCL_ERROR;
}

/* Dump path */
static int dump(ClientData data, Tcl_Interp *interp, int count, Tcl_Obj *const words[])
{
	struct unexec_report *report;
	const char *path;
	int status, result = TCL_OK;

	(void)data;
	if (count != 2) {
		Tcl_WrongNumArgs(interp, 1, words, "path");
		return TCL_ERROR;
	}
	path = Tcl_FSGetNativePath(words[1]);
	if (!path) {
		Tcl_SetResult(interp, "not a path", TCL_STATIC);
		return TCL_ERROR;
	}
	report = unexec_report_new();
	status = unexec_dump(path, NULL, report);
	if (status < 0)
		result = fail(interp, report, status);
	unexec_report_free(report);
	if (result == TCL_OK)
		Tcl_SetObjResult(interp, Tcl_NewBooleanObj(status == UNEXEC_RESUMED));
	return result;
}

/* Arguments: returns those of the current process, its name first */
static int arguments(ClientData data, Tcl_Interp *interp, int count, Tcl_Obj *const words[])
{
	Tcl_Obj *list = Tcl_NewObj();
	Tcl_DString string;
	char **argv;

	(void)data;
	(void)count;
	(void)words;
	unexec_arguments(NULL, &argv, NULL);
	for (; *argv; argv++) {
		Tcl_ExternalToUtfDString(NULL, *argv, -1, &string);
		Tcl_ListObjAppendElement(interp, list,
					 Tcl_NewStringObj(Tcl_DStringValue(&string), -1));
		Tcl_DStringFree(&string);
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* Seed: returns an unpredictable number */
static int seed(ClientData data, Tcl_Interp *interp, int count, Tcl_Obj *const words[])
{
	uint32_t number = 1;

	(void)data;
	(void)count;
	(void)words;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
		Tcl_SetResult(interp, "no random number", TCL_STATIC);
		return TCL_ERROR;
	}
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(number));
	return TCL_OK;
}

static int generation(ClientData data, Tcl_Interp *interp, int count, Tcl_Obj *const words[])
{
	(void)data;
	(void)count;
	(void)words;
	Tcl_SetObjResult(interp, Tcl_NewIntObj(unexec_generation()));
	return TCL_OK;
}

extern int Unexec_Init(Tcl_Interp *interp); /* Tcl looks it up by its name */

int Unexec_Init(Tcl_Interp *interp)
{
	if (!Tcl_InitStubs(interp, "8.6", 0))
		return TCL_ERROR;
	Tcl_CreateObjCommand(interp, "unexec::Dump", dump, NULL, NULL);
	Tcl_CreateObjCommand(interp, "unexec::Arguments", arguments, NULL, NULL);
	Tcl_CreateObjCommand(interp, "unexec::Seed", seed, NULL, NULL);
	Tcl_CreateObjCommand(interp, "unexec::generation", generation, NULL, NULL);
	return TCL_OK;
}
