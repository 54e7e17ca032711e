#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What depends on the architecture lies in src/arch. The folder of each architecture has the
# headers that the rest of the tree includes and the objects that the build links, and nothing
# else but headers of its own.
. "$top_srcdir/tests/guard/functions.sh"
cd "$top_srcdir/src" || exit 99

found=$(grep -rnE '__(x86_64|amd64|i386|aarch64|arm|riscv|powerpc64|s390x?|loongarch64)(__)?\>' \
	--include='*.[chS]' . | grep -v '^\./arch/')
[ -z "$found" ] || { echo "$found"; exit 1; }

headers=$(grep -rhoE '#[[:space:]]*include[[:space:]]*"arch_[a-z_]+\.h"' . |
	sed 's/.*"\(.*\)"/\1/' | sort -u)
# Makefile.am and build.mk have objects, with or without what automake puts before their names:
# $(arch)/cpu_fits.ro, $(arch)/libunexec_tool_a-frame.$(OBJEXT).
objects=$(grep -ohE '\$\(arch\)/[a-z_]+(-[a-z_]+)?' ../Makefile.am */build.mk | sed 's/.*[/-]//' |
	sort -u)
for directory in arch/*/
do
	same "included headers" "$headers" "src/$directory" "$(
		cd "$directory" && ls arch_*.h)"
	same "linked objects" "$objects" "src/$directory" "$(
		cd "$directory" && ls | sed -n 's/\.[cS]$//p' | sort -u)"
done
same "included headers" "$headers" "src/arch/README" "$(
	sed -n 's/^  \(arch_[a-z_]*\.h\) .*/\1/p' arch/README | sort -u)"
