# SPDX-License-Identifier: GPL-3.0-or-later
#
# The example in other people's build systems, with libunexec installed somewhere.

build_tests = %D%/automake.sh %D%/cmake.sh %D%/debian.sh %D%/meson.sh
TESTS += $(build_tests)
EXTRA_DIST += $(build_tests) %D%/installed.sh
