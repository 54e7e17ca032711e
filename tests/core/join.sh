#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A thread of a core is joined when it ends in the dump. The kernel clears the word that
# pthread_join() waits for, which is not the TID in every libc.
. "${0%/*}/core.sh"

started "$top_builddir/tests/core/joins" go
gdb_core
ended
undumped
: > go
same "output of the dump" joined "$(limited ./dump 2>&1)"
