#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `unexec run` in a terminal: runs terminal.py.
. "${0%/*}/../lib/functions.sh"

need bash "$PYTHON3"
limited "$PYTHON3" "$top_srcdir/tests/outside/terminal.py" "$UNEXEC_TOOL" "$PYTHON3" ||
	fail "status $?"
