# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of the Python module unexec source this file to make Python find the module that
# `make check` has built.

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
[ -e "$top_builddir/examples/python.stamp" ] || skip "built without Python's headers"
# The tester's own settings must not change the result.
unset PYTHONUNBUFFERED PYTHONIOENCODING PYTHONHASHSEED
PYTHONPATH=$top_builddir/examples/python.build/lib
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
