#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# asyncio, dumped from outside, where no module of libunexec tells it of the new process: the loops
# of two threads run, as asyncio itself sees it. Python before 3.12 compares the process ID.
. "${0%/*}/../lib/functions.sh"

"$PYTHON3" -c 'import _asyncio' || skip "no asyncio for $PYTHON3"
cat > loops.py <<'END'
import asyncio, sys, threading
async def double(number):
    await asyncio.sleep(0.01)
    return 2 * number
other = asyncio.new_event_loop()
threading.Thread(target=other.run_forever, daemon=True).start()
def ask(number):
    return asyncio.run_coroutine_threadsafe(double(number), other).result(20)
async def main():
    loop = asyncio.get_running_loop()
    assert ask(1) == 2
    for line in sys.stdin:
        assert asyncio.get_running_loop() is loop
        print(ask(int(line)), await double(int(line) + 1), flush=True)
asyncio.run(main())
END
same "the original" "42 44" "$(echo 21 | limited "$PYTHON3" loops.py)"
limited "$UNEXEC_TOOL" run -q -o one -- "$PYTHON3" loops.py < /dev/null || fail "no dump"
same "the dump" "42 44" "$(echo 21 | limited ./one 2>&1)"
limited "$UNEXEC_TOOL" run -q -o two -- ./one < /dev/null || fail "no dump of the dump"
same "the dump of the dump" "42 44" "$(echo 21 | limited ./two 2>&1)"
