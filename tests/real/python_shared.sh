#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Python's multiprocessing, dumped by `unexec run`: locks and semaphores in shared memory that
# this process has not touched are in the dump, and are shared with its children there.
. "${0%/*}/../lib/functions.sh"

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
cat > program.py <<'END'
import multiprocessing, sys
context = multiprocessing.get_context("fork")
lock, semaphore, event = context.Lock(), context.Semaphore(3), context.Event()
sys.stdin.readline()
print(lock.acquire(timeout=10), [semaphore.acquire(timeout=0.1) for _ in range(4)])
child = context.Process(target=event.set)
child.start()
print(event.wait(60))
child.join()
lock.release()
END
limited "$UNEXEC_TOOL" run -o app -- "$PYTHON3" program.py < /dev/null > said 2>&1 ||
	fail "run: status $?: $(cat said)"
for start in one two
do
	same "output of start $start" "$(printf '%s\n' 'True [True, True, True, False]' True)" \
		"$(echo | limited ./app 2>&1)"
done
