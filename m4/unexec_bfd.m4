# SPDX-License-Identifier: GPL-3.0-or-later
#
# UNEXEC_CHECK_BFD: sets BFD_LIBS. libbfd has no pkg-config file. Its static form needs
# libraries that its shared form brings along.

AC_DEFUN([UNEXEC_CHECK_BFD], [
AC_CHECK_HEADER([bfd.h], [],
	[AC_MSG_ERROR([bfd.h is missing; it is in the package binutils-dev])])
AC_CACHE_CHECK([how to link libbfd], [unexec_cv_lib_bfd], [
	unexec_cv_lib_bfd=no
	unexec_saved_libs=$LIBS
	for unexec_try in '-lbfd' '-lbfd -liberty -lz -ldl' '-lbfd -lsframe -liberty -lz -lzstd -ldl'
	do
		LIBS="$unexec_try $unexec_saved_libs"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([#include <bfd.h>],
				[bfd_init(); return bfd_openr("", 0) != 0;])],
			[unexec_cv_lib_bfd=$unexec_try; break])
	done
	LIBS=$unexec_saved_libs
])
AS_IF([test "$unexec_cv_lib_bfd" = no], [AC_MSG_ERROR([libbfd cannot be linked])])
AC_SUBST([BFD_LIBS], [$unexec_cv_lib_bfd])
])
