# SPDX-License-Identifier: GPL-3.0-or-later
#
# UNEXEC_WARNINGS: sets WARN_CFLAGS to those of the wanted warnings that the compiler
# knows, and to -Werror with --enable-werror.

AC_DEFUN([UNEXEC_WARNINGS], [
WARN_CFLAGS=
m4_foreach_w([unexec_flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes
		-Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wundef
		-Wvla -Wwrite-strings -Wformat=2 -Wimplicit-fallthrough -Wlogical-op
		-Wduplicated-cond],
	[UNEXEC_TRY_WARNING(unexec_flag)])
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])

# Tries one. Unknown warnings are only warned about by clang, hence -Werror.
AC_DEFUN([UNEXEC_TRY_WARNING], [
AS_VAR_PUSHDEF([unexec_known], [unexec_cv_warning_$1])
AC_CACHE_CHECK([whether $CC knows $1], [unexec_known], [
	unexec_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_SOURCE([extern int i;])],
		[AS_VAR_SET([unexec_known], [yes])], [AS_VAR_SET([unexec_known], [no])])
	CFLAGS=$unexec_saved_cflags
])
AS_VAR_IF([unexec_known], [yes], [WARN_CFLAGS="$WARN_CFLAGS $1"])
AS_VAR_POPDEF([unexec_known])
])
