# SPDX-License-Identifier: GPL-3.0-or-later
#
# Read by tests of the Python module unexec: lets Python find it as `make check` has built it.

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
[ -e "$top_builddir/examples/python.stamp" ] || skip "built without Python's headers"
# Not what whoever runs the tests prefers.
unset PYTHONUNBUFFERED PYTHONIOENCODING PYTHONHASHSEED
PYTHONPATH=$top_builddir/examples/python.build/lib
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
