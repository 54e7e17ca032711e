#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec.h compiles alone, twice in one file, as C99 and as C++98, and has the version that
# configure has.
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

for suffix in c cc
do
	printf '#include <unexec.h>\n#include <unexec.h>\n' > "$scratch/header.$suffix"
done
set -- -pedantic -Wall -Wextra -Werror -fsyntax-only -I "$top_srcdir/include"

$CC -std=c99 -Wstrict-prototypes "$@" "$scratch/header.c" || exit 1
$CC -std=c11 "$@" "$scratch/header.c" || exit 1

version=$(sed -n 's/^#define UNEXEC_VERSION "\(.*\)"/\1/p' "$top_srcdir/include/unexec.h")
grep -qF "AC_INIT([libunexec], [$version])" "$top_srcdir/configure.ac" || {
	echo "unexec.h is of version $version, configure.ac of another"
	exit 1
}

command -v "${CXX%% *}" > /dev/null || { echo "no C++ compiler"; exit 77; }
# <stdint.h> and the like are the compiler's own; only `long long` is not of C++98 there.
$CXX -std=c++98 "$@" -Wno-long-long "$scratch/header.cc" || exit 1
$CXX -std=c++17 "$@" "$scratch/header.cc" || exit 1
