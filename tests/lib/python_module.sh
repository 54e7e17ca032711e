# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by tests of the Python module unexec: makes Python find the one that `make check` has
# built.

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
[ -e "$top_builddir/examples/python.stamp" ] || skip "built without Python's headers"
# Not the tester's own settings.
unset PYTHONUNBUFFERED PYTHONIOENCODING PYTHONHASHSEED
PYTHONPATH=$top_builddir/examples/python.build/lib
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
