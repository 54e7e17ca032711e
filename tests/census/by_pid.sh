#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The probes of the census, dumped from outside.
. "$top_srcdir/tests/lib/functions.sh"

UNEXEC_TEST_BY_PID=1 limited "$top_builddir/tests/census/probe"
