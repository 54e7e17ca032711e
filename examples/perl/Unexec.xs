/* SPDX-License-Identifier: MIT
 *
 * The C part of the Perl module Unexec.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>
#include <perliol.h>

#include <unexec.h>

/* The message of the exception: one line for each error. */
static SV *explain(pTHX_ const char *path, const struct unexec_report *report)
{
	struct unexec_diagnostic diagnostic;
	SV *text = sv_2mortal(newSVpv("", 0));

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (diagnostic.severity == UNEXEC_ERROR)
			sv_catpvf(text, "%s: %s\n", path, diagnostic.text);
	return text;
}

/* Discard input that was read ahead. Each layer may have some. */
static void discard_input(pTHX_ PerlIO *file)
{
	if (PerlIOValid(file))
		PerlIO_clearerr(file);
	for (; PerlIOValid(file); file = PerlIONext(file))
		if (PerlIO_has_cntptr(file) && PerlIO_get_cnt(file) > 0)
			PerlIO_set_ptrcnt(file, PerlIO_get_ptr(file) + PerlIO_get_cnt(file),
					  0);
}

MODULE = Unexec  PACKAGE = Unexec

PROTOTYPES: DISABLE

bool
_dump(const char *path)
CODE:
	/* Otherwise the dump would also print it. */
	PerlIO_flush(NULL);
	struct unexec_report *report = unexec_report_new();
	int status = unexec_dump(path, NULL, report);
	SV *text = status < 0 ? explain(aTHX_ path, report) : NULL;

	unexec_report_free(report);
	/* Perl believes that it has made any other environment, and frees it. */
	if (status == UNEXEC_RESUMED)
		PL_origenviron = environ;
	if (text)
		croak_sv(text);
	RETVAL = status == UNEXEC_RESUMED;
OUTPUT:
	RETVAL

int
generation()
CODE:
	RETVAL = unexec_generation();
OUTPUT:
	RETVAL

void
_arguments()
PPCODE:
	char **argv;

	for (unexec_arguments(NULL, &argv, NULL); *argv; argv++)
		mXPUSHs(newSVpv(*argv, 0));

void
_environment()
PPCODE:
	for (char **envp = environ; envp && *envp; envp++)
		mXPUSHs(newSVpv(*envp, 0));

void
_update(SV *name)
CODE:
	/* Magic would write into the arguments and rename the process. */
	sv_setsv_nomg(get_sv("0", GV_ADD), name);
	PL_srand_called = FALSE; /* the next rand() asks the kernel for a seed */
	time(&PL_basetime);
	if (PL_stdingv && GvIO(PL_stdingv))
		discard_input(aTHX_ IoIFP(GvIOp(PL_stdingv)));
	if (isatty(1))
		PerlIO_setlinebuf(PerlIO_stdout());
