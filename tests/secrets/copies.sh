#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs with random mixtures of copied secrets are dumped, from inside and from outside, and no
# copy changes. UNEXEC_TEST_SEEDS is how many; a thousand take some minutes.
. "${0%/*}/../lib/functions.sh"

seeds=${UNEXEC_TEST_SEEDS:-6}
for seed in $(seq 1 "$seeds")
do
	for by in '' UNEXEC_TEST_BY_PID=1
	do
		env $by UNEXEC_TEST_SEED="$seed" "$top_builddir/tests/lib/clean_exec" \
			"$top_builddir/tests/roundtrip/copies" > said 2>&1 < /dev/null
		case $? in
		0|77) ;;
		*) fail "seed $seed $by: $(cat said)" ;;
		esac
	done
done
