#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What depends on the architecture lies in src/arch, and each architecture there has the
# same files.
cd "$top_srcdir/src" || exit 99

found=$(grep -rnE '__(x86_64|amd64|i386|aarch64|arm|riscv|powerpc64|s390x?|loongarch64)(__)?\>' \
	--include='*.[chS]' . | grep -v '^\./arch/')
[ -z "$found" ] || { echo "$found"; exit 1; }

first=
for directory in arch/*/
do
	files=$(cd "$directory" && ls)
	[ -n "$files" ] || { echo "$directory is empty"; exit 1; }
	[ "$files" = "${first:=$files}" ] || { echo "$directory has other files"; exit 1; }
done
