#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Python module unexec installed by pip into an environment of its own, with types and
# documentation for all that it offers. The program in its README works.
. "${0%/*}/../lib/functions.sh"

[ -e "$top_builddir/examples/python.stamp" ] || skip "built without Python's headers"
"$PYTHON3" -c 'import ensurepip, setuptools, wheel' || skip "no pip, setuptools or wheel"
unset PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED
PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONFIG_FILE=/dev/null
PKG_CONFIG_PATH=$top_builddir
export PIP_NO_INDEX PIP_DISABLE_PIP_VERSION_CHECK PIP_CONFIG_FILE PKG_CONFIG_PATH

cp -r "$top_srcdir/examples/python" source && chmod -R u+w source || exit 99
"$PYTHON3" -m venv --system-site-packages environment > log 2>&1 || skip "$(cat log)"
timeout 300 environment/bin/pip install --no-build-isolation ./source > log 2>&1 ||
	fail "$(cat log)"
rm -rf source
same "installed files" "__init__.py __main__.py _argv.py _end.py _target.py _unexec.*.so \
_unexec.pyi _update.py py.typed " \
	"$(cd environment/lib/python3*/site-packages/unexec && LC_ALL=C ls |
		sed '/__pycache__/d; s/^_unexec\..*\.so$/_unexec.*.so/' | tr '\n' ' ')"

cat > check.py <<'EOF'
import ast, importlib.metadata, os, unexec
from unexec import _unexec
stub = open(os.path.join(os.path.dirname(unexec.__file__), "_unexec.pyi")).read()
typed = {node.name for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef)}
there = {name for name in dir(_unexec) if not name.startswith("_")}
assert typed == there and typed, (typed, there)
for name in unexec.__all__:
    assert getattr(unexec, name).__doc__, name
print(importlib.metadata.version("unexec"))
EOF
same "its version" "$(sed -nE 's/^#define UNEXEC_VERSION "(.*)"/\1/p' \
	"$top_srcdir/include/unexec.h")" "$(limited environment/bin/python check.py)"

# The first program in README, and what is printed there.
readme=$top_srcdir/examples/python/README
sed -n '/^```python$/,/^```$/p;/^```$/q' "$readme" | sed '/^```/d' > slow.py
[ -s slow.py ] || exit 99
limited environment/bin/python slow.py || fail "no dump"
same "the program in README" "$(sed -n '/^\$ .\/fast/{n;p}' "$readme")" \
	"$(limited $(sed -n 's/^\$ //;/^.\/fast/p' "$readme"))"
