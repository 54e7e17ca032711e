#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The files that a core needs: moved, missing, another one in the place, with less in the core.
. "${0%/*}/core.sh"

cp "$subject" program
started env WHEN=before ./program
gdb_core
ended
cp program other
printf x >> other
undumped -e program
goes_on

mv program moved
refused "$UNEXEC_TOOL" undump -o none core
says "$work/program.*is gone"
undumped -e moved
goes_on

# Another program: refused, whatever else is right.
cp "$(command -v cat)" program
refused "$UNEXEC_TOOL" undump -o none core
says "$work/program is not the file.*expected build-id [0-9a-f]*, found [0-9a-f]*"
refused "$UNEXEC_TOOL" undump -e "$(command -v cat)" -o none core
says "core is not of the program.*expected build-id [0-9a-f]*, found [0-9a-f]*"
refused "$UNEXEC_TOOL" undump -e /nowhere -o none core
says '/nowhere'
[ ! -e none ] || fail "a dump was made all the same"
