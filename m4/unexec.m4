# SPDX-License-Identifier: MIT
#
# UNEXEC_CHECK([ACTION-IF-DUMPS], [ACTION-IF-NOT]): for the configure.ac of programs that
# dump themselves with libunexec during their build.
#
# Adds --enable-dump=auto|yes|no and checks whether a program that is built here can be dumped
# here: the library and the program unexec exist, and the dump of a small program starts. If the
# check fails, "yes" ends configure with an error and "auto" continues without dumps.
#
# Sets, for Makefiles too:
#   UNEXEC_CFLAGS, UNEXEC_LIBS   flags for code that calls libunexec; empty without the library
#   UNEXEC                       the program unexec, for "$(UNEXEC) run"; or "no"
#   UNEXEC_DUMP                  an automake conditional: a dump is wanted and possible
# and defines HAVE_UNEXEC to 1 if the library exists. libunexec(7) has a rule for make.

# serial 1

AC_DEFUN([UNEXEC_CHECK], [
AC_REQUIRE([AC_PROG_CC])
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
AC_ARG_ENABLE([dump],
	[AS_HELP_STRING([--enable-dump=auto|yes|no],
		[install dumps of programs (auto: if possible)])],
	[], [enable_dump=auto])
AS_CASE([$enable_dump],
	[auto|yes|no], [],
	[AC_MSG_ERROR([--enable-dump takes auto, yes or no, not "$enable_dump"])])

UNEXEC=no
AS_IF([test "$enable_dump" != no], [
	PKG_CHECK_MODULES([UNEXEC], [libunexec],
		[AC_DEFINE([HAVE_UNEXEC], [1], [Define to 1 if libunexec exists.])
		 AC_ARG_VAR([UNEXEC_TOOL], [path of the program unexec, if not the one of libunexec])
		 unexec_bindir=`$PKG_CONFIG --variable=bindir libunexec`
		 AC_PATH_PROG([UNEXEC], [unexec], [no], [$unexec_bindir$PATH_SEPARATOR$PATH])
		 AS_IF([test "${UNEXEC_TOOL:+set}" = set], [UNEXEC=$UNEXEC_TOOL])
		 _UNEXEC_CHECK_RUNS],
		[AC_MSG_CHECKING([whether programs can be dumped here])
		 unexec_runs="no, there is no libunexec"
		 AC_MSG_RESULT([$unexec_runs])])
], [unexec_runs="no, --disable-dump was given"])
AC_SUBST([UNEXEC])
AM_CONDITIONAL([UNEXEC_DUMP], [test "$unexec_runs" = yes])
AS_IF([test "$unexec_runs" = yes], [$1],
	[test "$enable_dump" = yes],
	[AC_MSG_ERROR([no program can be dumped here ($unexec_runs); see config.log])],
	[$2])
])

# Sets unexec_runs to "yes", or to "no" and the cause. The program closes the descriptors that it
# inherits from configure.
AC_DEFUN([_UNEXEC_CHECK_RUNS], [
AC_MSG_CHECKING([whether programs can be dumped here])
unexec_saved_CFLAGS=$CFLAGS unexec_saved_LIBS=$LIBS
CFLAGS="$CFLAGS $UNEXEC_CFLAGS" LIBS="$UNEXEC_LIBS $LIBS"
AC_RUN_IFELSE([AC_LANG_SOURCE([[
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <unexec.h>

int main(void)
{
	int fd, status;

	for (fd = 3; fd < 64; fd++)
		close(fd);
	status = unexec_dump("./conftest.dump", NULL, NULL);
	if (status == UNEXEC_RESUMED)
		_exit(42);
	if (status != UNEXEC_DUMPED)
		return 1;
	status = system("./conftest.dump");
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}
]])], [unexec_runs=yes], [unexec_runs="no, the dump of a small program fails"],
	[unexec_runs="no, cross-compiling"])
CFLAGS=$unexec_saved_CFLAGS LIBS=$unexec_saved_LIBS
rm -f conftest.dump
AC_MSG_RESULT([$unexec_runs])
])
