#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The restarter and the redirect code run at any address: no relocations, no initialised data,
# no undefined symbols, and the entry comes first.
cd "$top_builddir" || exit 99

# The tool has X.bin, which is made from X.elf; the entry is X_start.
blobs=$(sed -n 's/.*\.incbin "\(.*\)\.bin".*/\1/p' $(find "$top_srcdir/src" -name '*.S'))
[ -n "$blobs" ] || { echo "nothing is embedded?"; exit 99; }
fail()
{
	echo "$blob.elf: $*"
	exit 1
}

# Reads name, type, address, offset, size, entry size and flags of each non-empty section. Only
# code for which the writer maps such memory may have uninitialised data; the restarter has none.
check_sections()
{
	sections=$($READELF -SW $blob.elf | sed -n 's/^ *\[ *[0-9]*\] //p' | awk '$5 !~ /^0*$/')
	written=$(echo "$sections" | awk -v blob=$blob \
		'$7 ~ /W/ && (blob == "restarter" || $2 != "NOBITS") { print $1 }')
	[ -z "$written" ] || fail "is writable:" $written
	[ "$(echo "$sections" | awk '$7 ~ /A/ && $2 != "NOBITS" { print $1 }')" = .text ] ||
		fail "has more than code and constants"
	size=$(echo "$sections" | awk '$1 == ".text" { print $5 }')
	[ $((0x$size)) = "$(wc -c < $blob.bin)" ] || fail "does not match $blob.bin"
}

for blob in $blobs
do
	[ -e $blob.elf ] || exit 99
	$READELF -rW $blob.elf | grep -q 'R_[A-Z]' && fail "has relocations"
	undefined=$($NM -u $blob.elf) || exit 99
	[ -z "$undefined" ] || fail "is not defined:" $undefined
	check_sections
	entry=$($READELF -hW $blob.elf | sed -n 's/.*Entry point address: *//p')
	[ "$entry" = 0x0 ] || fail "begins at $entry, not with its first byte"
	[ "$($NM $blob.elf | sed -n "s/^0* [Tt] ${blob}_start$/found/p")" = found ] ||
		fail "does not begin with ${blob}_start"
done
echo $blobs

# Vector registers hold the program's values, which nothing has saved. The objects are searched,
# since constants in the whole blob may look like code.
command -v objdump > /dev/null || { echo "no objdump"; exit 77; }
objects=$(find src -name '*.ro')
objdump -d $objects | grep -q 'syscall' || { echo "no code found"; exit 99; }
objdump -d $objects | grep -E '%([xyz]?mm[0-9]|st\>|k[0-7]\>)' && {
	echo "vector registers are used"
	exit 1
}
exit 0
