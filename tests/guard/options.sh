#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec(1) describes every option of the verbs' tables, and no others.
. "$top_srcdir/tests/lib/functions.sh"

# Both print "-o --output=FILE" or "--kill", one option a line.
in_tables()
{
	"$UNEXEC_TOOL" @options | cut -d '|' -f 2,3 | sed '/^|/d; s/|$//; s/|/=/' | sort -u
}

in_manual()
{
	sed -nE '/^\.It Fl /{
		s/^\.It Fl /-/; s/ , /%-/g; s/\\-/-/g; s/-- /-/
		s/Oo /[/g; s/ Oc/]/g; s/ Ns//g; s/Ar //g; s/ //g; s/%/ /g
		s/=(.*)/=\U\1/
		p
	}' "$top_srcdir/man/unexec.1" | sort -u
}

[ "$(in_tables | wc -l)" -gt 10 ] || fail "@options lists no options"
same "options in man/unexec.1" "$(in_tables)" "$(in_manual)"

# The synopsis names the verbs.
same "verbs in man/unexec.1" \
	"$("$UNEXEC_TOOL" @options | sed -nE 's/^([a-z]+)\|\|.*/\1/p' | sort)" \
	"$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Cm \([a-z]*\)$/\1/p' \
		"$top_srcdir/man/unexec.1" | sort -u)"
