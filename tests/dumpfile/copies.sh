#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs with random mixtures of copied secrets are dumped, and no copy changes.
# UNEXEC_TEST_SEEDS is the number of mixtures; a thousand take some minutes.
. "${0%/*}/../lib/functions.sh"

seeds=${UNEXEC_TEST_SEEDS:-6}
for seed in $(seq 1 "$seeds")
do
	UNEXEC_TEST_SEED=$seed "$top_builddir/tests/lib/clean_exec" \
		"$top_builddir/tests/roundtrip/copies" > said 2>&1 < /dev/null ||
		fail "seed $seed: $(cat said)"
done
