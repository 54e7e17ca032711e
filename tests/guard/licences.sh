#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Code that ends up in users' programs is MIT and includes nothing that is GPL; each file names
# its licence in its head.
cd "$top_builddir" || exit 99
status=0
complain()
{
	echo "$@"
	status=1
}

# Folders with objects of the library or of code that is put into dumps (*.ro), and the folders
# that they include from, such as src/shared.
mit=$(find src -name '*.ro' -o -name 'libunexec_la-*.o' | cut -d / -f 1,2 | sort -u)
[ "$(echo "$mit" | wc -l)" -ge 4 ] || { echo "no objects found"; exit 99; }
cd "$top_srcdir" || exit 99
included()
{
	grep -rhoE '#[[:space:]]*include[[:space:]]*"[a-z]+/' $mit include | sed 's|.*"|src/|; s|/$||'
}
for _ in 1 2
do
	mit=$(printf '%s\n' $mit $(included) | sort -u)
done
gpl=$(printf '%s\n' src/* | grep -vxF "$mit")
echo "MIT:" $mit "GPL:" $gpl

# files DIRECTORY…: the sources there. LICENCE is looked for in the first lines.
files()
{
	find "$@" -type f \( -name '*.[chS]' -o -name '*.cc' -o -name '*.ld' -o -name '*.map' \
		-o -name '*.sh' -o -name '*.py' -o -name '*.mk' \)
}
[ "$(files $mit | wc -l)" -gt 10 ] || exit 99
[ "$(files $gpl | wc -l)" -gt 10 ] || exit 99

for file in $(files $mit include)
do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT$' ||
		complain "$file is not under MIT, but is part of users' programs or included there"
done
for file in $(files $gpl)
do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later$' ||
		complain "$file is not under GPL-3.0-or-later"
done
for file in $(files tests examples bench) man/*.[137] configure.ac Makefile.am
do
	head -n 4 "$file" | grep -qE 'SPDX-License-Identifier: (MIT|GPL-3.0-or-later)( \*/)?$' ||
		complain "$file does not name its licence"
done
exit $status
