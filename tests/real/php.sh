#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A PHP script that waits for a line, with the system's own configuration: PHP keeps jmp_bufs of
# functions that have returned on its stack.
. "${0%/*}/../lib/functions.sh"
need php

cat > script.php <<'EOF'
<?php
$words = [];
for ($i = 0; $i < 1000; $i++)
	$words["word$i"] = $i;
while (($line = fgets(STDIN)) !== false)
	echo trim($line), ' ', $words[trim($line)] ?? 'none', "\n";
EOF
limited "$UNEXEC_TOOL" run -q -o app -- php script.php < /dev/null || fail "no dump"
for start in 1 2
do
	same "start $start" "word7 7
no none" "$(printf 'word7\nno\n' | limited ./app)"
done
