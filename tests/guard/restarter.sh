#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The restarter is bytes that run anywhere: no relocations, no data, nothing undefined, and
# its entry comes first.
cd "$top_builddir" || exit 99
[ -e restarter.elf ] || exit 99
fail()
{
	echo "restarter.elf: $*"
	exit 1
}

$READELF -rW restarter.elf | grep -q 'R_[A-Z]' && fail "has relocations"
undefined=$($NM -u restarter.elf) || exit 99
[ -z "$undefined" ] || fail "is not defined:" $undefined

# Columns behind the name: type, address, offset, size, entry size, flags.
written=$($READELF -SW restarter.elf | sed -n 's/^ *\[ *[0-9]*\] //p' |
	awk '$7 ~ /W/ && $5 !~ /^0*$/ { print $1 }')
[ -z "$written" ] || fail "is writable:" $written

entry=$($READELF -hW restarter.elf | sed -n 's/.*Entry point address: *//p')
[ "$entry" = 0x0 ] || fail "begins at $entry, not with its first byte"
$NM restarter.elf | grep -qE ' T restarter_start$| t restarter_start$' || fail "has no restarter_start"

# Vector registers are the program's: nothing has saved them.
command -v objdump > /dev/null || exit 0
vectors=$(objdump -d restarter.elf | grep -cE '%[xyz]mm[0-9]')
[ "$vectors" = 0 ] || fail "uses vector registers $vectors times"
