#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# census.sh UNEXEC PAGE: prints the manual page, libunexec(7), with the lists of its section
# CENSUS made from `unexec @census`.
set -eu
lists=$("$1" @census | LC_ALL=C awk -F '|' '
	function text()
	{
		if ($4 == "reset")
			return "reset: " $5
		return $4 ($5 == "" ? "" : "; " $5)
	}
	function from()
	{
		return $3 == "ipc" ? " (core)" : $3 == "p" ? " (from outside)" : \
			$3 == "i" ? " (from inside)" : ""
	}
	$1 != group {
		if (group != "")
			print ".El"
		group = $1
		print ".Pp\n.Em " toupper(substr(group, 1, 1)) substr(group, 2)
		print ".Bl -tag -width \"arguments, name of the process\" -compact"
	}
	{
		name = $2
		gsub(/,/, " ,", name)
		print ".It " name "\n" text() from() "."
	}
	END { print ".El" }')
awk -v lists="$lists" '
	/^\.\\" End of the census/ { inside = 0 }
	!inside { print }
	/^\.\\" Census: / { inside = 1; print lists }
' "$2"
