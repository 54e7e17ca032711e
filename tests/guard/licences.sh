#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What ends up in users' programs is MIT and includes nothing of the GPL's side; each file
# names its licence in its head.
cd "$top_srcdir" || exit 99
status=0
complain()
{
	echo "$@"
	status=1
}

mit='include src/lib src/restarter src/shared src/arch'
gpl='src/capture src/image src/layout src/elf src/cli'

# files DIRECTORY…: the sources there. LICENCE is looked for in the first three lines.
files()
{
	find "$@" -name '*.[chS]' -o -name '*.ld' -o -name '*.map'
}
[ "$(files $mit | wc -l)" -gt 10 ] || exit 99
[ "$(files $gpl | wc -l)" -gt 10 ] || exit 99

for file in $(files $mit)
do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT$' ||
		complain "$file is not under MIT"
	grep -nHE '#[[:space:]]*include[[:space:]]*"(capture|image|layout|elf|cli)/' "$file" &&
		complain "$file includes what is under the GPL"
done
for file in $(files $gpl)
do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later$' ||
		complain "$file is not under GPL-3.0-or-later"
done
for file in $(files tests examples bench) configure.ac Makefile.am
do
	head -n 4 "$file" | grep -qE 'SPDX-License-Identifier: (MIT|GPL-3.0-or-later)( \*/)?$' ||
		complain "$file does not name its licence"
done
exit $status
