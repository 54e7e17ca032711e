#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What depends on the architecture lies in src/arch. The folder of each architecture has all
# that the rest of the tree asks of it by name, and nothing else.
. "$top_srcdir/tests/guard/functions.sh"
cd "$top_srcdir/src" || exit 99

found=$(grep -rnE '__(x86_64|amd64|i386|aarch64|arm|riscv|powerpc64|s390x?|loongarch64)(__)?\>' \
	--include='*.[chS]' . | grep -v '^\./arch/')
[ -z "$found" ] || { echo "$found"; exit 1; }

# Makefile.am and build.mk have objects, with or without what automake puts before their names:
# $(arch)/cpu.ro, $(arch)/libunexec_tool_a-frame.$(OBJEXT).
wanted=$(
	{
		grep -ohE '\$\(arch\)/[a-z_]+(-[a-z_]+)?' ../Makefile.am arch/build.mk | sed 's/.*[/-]//'
		grep -rhoE '#[[:space:]]*include[[:space:]]*"arch_[a-z_]+\.h"' . |
			sed 's/.*"\(.*\)\.h"/\1/'
	} | sort -u)
for directory in arch/*/
do
	same "the rest of the tree" "$wanted" "src/$directory" "$(
		cd "$directory" && ls | sed 's/\.[chS]$//' | sort -u)"
done
