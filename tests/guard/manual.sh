#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every function has a man page, every page passes mandoc's lint and fits a terminal of 80
# columns, and the table of diagnostics in unexec_report_get(3) is the list in unexec.h.
. "$top_srcdir/tests/guard/functions.sh"
status=0
complain()
{
	echo "$@"
	status=1
}

functions=$(functions_of_header)
same unexec.h "$functions" "man/*.3" "$(
	cd "$top_srcdir/man" && ls *.3 | sed 's/\.3$//' | sort -u)"
for function in $functions
do
	page=$top_srcdir/man/$function.3
	grep -qx "\\.Nm $function" "$page" || complain "$page does not name $function"
	grep -qx "$(printf '\tman/%s.3.*' "$function")" "$top_srcdir/Makefile.am" ||
		complain "$page is not installed"
done

# Both as lines of name:code:status:meaning.
header_table=$(sed -nE 's/^\tX\(([A-Z_]+), ([0-9]+), ([A-Z_]+), "(.*)"\).*/\1:\2:\3:\4/p' \
	"$top_srcdir/include/unexec.h" | sort)
manual_table=$(sed -n '/^\.It Dv UNEXEC_CODE_/{N;s/^\.It Dv UNEXEC_CODE_\([A-Z_]*\) Pq \([0-9]*\) , Dv \([A-Z_]*\)\n\(.*\)$/\1:\2:\3:\4/p}' \
	"$top_srcdir/man/unexec_report_get.3" | sort)
entries=$(printf '#include <unexec.h>\n#define ONE(a, b, c, d) @\nUNEXEC_DIAGNOSTICS(ONE)\n' |
	$CC -E -P -I "$top_srcdir/include" -x c - | tr -cd '@' | wc -c)
[ "$(printf '%s\n' "$header_table" | wc -l)" = "$entries" ] ||
	{ echo "this test cannot read the list in unexec.h"; exit 99; }
[ "$header_table" = "$manual_table" ] || {
	complain "unexec_report_get(3) and unexec.h list different diagnostics; unexec.h has:"
	printf '%s\n' "$header_table"
}

# Print lines of more than 80 columns, and lines that start as far to the right as the one before
# them since their column of a table has collapsed. sed removes overstriking.
misfits()
{
	LC_ALL=C.UTF-8 sed 's/.\x08//g;s/[^ -~]/?/g' | awk '
		{ start = match($0, /[^ ]/) }
		length($0) > 80 || start > 56 && last > 56 { print NR ":" $0 }
		{ last = start }'
}

skipped=''
[ $MANDOC = no ] && skipped=mandoc
command -v nroff > /dev/null && command -v tbl > /dev/null || skipped="$skipped nroff"
for page in "$top_srcdir"/man/*.[137]
do
	case $skipped in *mandoc*) ;; *)
		# Pages that are not installed yet cannot be found by a reference.
		lint=$($MANDOC -T lint -W style "$page" 2> /dev/null |
			grep -vE 'referenced manual not found|longer than 80 bytes')
		[ -z "$lint" ] || complain "$lint"
		wide=$($MANDOC -T utf8 -O width=78 "$page" | misfits)
		[ -z "$wide" ] || complain "$page, by mandoc:" "$wide"
		$MANDOC -T html "$page" > /dev/null || complain "$page: no HTML"
	esac
	case $skipped in *nroff*) ;; *)
		# The command that man(1) uses.
		wide=$({ tbl "$page" | nroff -c -mandoc -Tutf8 -rLL=80n -rLT=80n 2>&3 | misfits; } 3>&1)
		[ -z "$wide" ] || complain "$page, by nroff:" "$wide"
	esac
done
[ -z "$skipped" ] || [ $status != 0 ] || { echo "not installed: $skipped"; exit 77; }
exit $status
