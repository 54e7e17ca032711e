# SPDX-License-Identifier: GPL-3.0-or-later
#
# UNEXEC_CHECK_BFD: sets BFD_LIBS. libbfd and libopcodes have no pkg-config file. Their static
# form needs libraries that their shared form brings along.

AC_DEFUN([UNEXEC_CHECK_BFD], [
AC_CHECK_HEADER([bfd.h], [],
	[AC_MSG_ERROR([bfd.h is missing; it is in the package binutils-dev])])
AC_CACHE_CHECK([how to link libbfd], [unexec_cv_lib_bfd], [
	unexec_cv_lib_bfd=no
	unexec_saved_libs=$LIBS
	for unexec_try in '' '-liberty -lz -ldl' '-lsframe -liberty -lz -lzstd -ldl'
	do
		unexec_try="-lopcodes -lbfd $unexec_try"
		LIBS="$unexec_try $unexec_saved_libs"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([#include <bfd.h>
#include <dis-asm.h>],
				[bfd_init(); return bfd_openr("", 0) != 0
				 || disassembler(bfd_arch_i386, 0, 0, 0) != 0;])],
			[unexec_cv_lib_bfd=$unexec_try; break])
	done
	LIBS=$unexec_saved_libs
])
AS_IF([test "$unexec_cv_lib_bfd" = no], [AC_MSG_ERROR([libbfd cannot be linked])])
AC_SUBST([BFD_LIBS], [$unexec_cv_lib_bfd])
])
