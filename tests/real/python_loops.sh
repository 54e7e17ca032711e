#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Python module unexec in concurrent programs: a dump from within a coroutine, and one from
# a program with threads and with a loop in one of them.
. "${0%/*}/../lib/functions.sh"
. "$top_srcdir/tests/lib/python_module.sh"

cat > coroutine.py <<'EOF'
import asyncio, signal, sys
import unexec
async def double(n):
    await asyncio.sleep(0.01)
    return 2 * n
async def main():
    loop, own = asyncio.get_running_loop(), asyncio.current_task()
    woken = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, woken.set)
    waiting = asyncio.create_task(double(21))
    await asyncio.sleep(0)
    if not unexec.dump("coroutine"):
        return "original"
    assert asyncio.get_running_loop() is loop
    assert asyncio.current_task() is own
    signal.raise_signal(signal.SIGUSR1)
    await asyncio.wait_for(woken.wait(), 20)
    process = await asyncio.create_subprocess_exec("true")
    assert await process.wait() == 0
    return await waiting
print(asyncio.run(main()))
EOF
same "the original" original "$(limited "$PYTHON3" coroutine.py)"
same "the dump" 42 "$(limited ./coroutine)"

cat > threads.py <<'EOF'
import asyncio, queue, random, sys, threading, time
import unexec
asked, answers = queue.Queue(), queue.Queue()
def work():
    for n in iter(asked.get, None):
        answers.put(2 * n)
worker = threading.Thread(target=work, daemon=True)
worker.start()
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
async def double(n):
    await asyncio.sleep(0.01)
    return 2 * n
asked.put(1), answers.get()
assert asyncio.run_coroutine_threadsafe(double(1), loop).result(20) == 2
how, name = sys.argv[1:]
if not unexec.dump(name, threads=how):
    asked.put(2)
    assert answers.get(timeout=20) == 4
    sys.exit()
print(random.random())
if how == "keep":
    asked.put(21)
    print(answers.get(timeout=20))
    print(asyncio.run_coroutine_threadsafe(double(4), loop).result(20))
else:
    print(threading.enumerate() == [threading.main_thread()], worker.is_alive())
EOF
limited "$PYTHON3" threads.py keep kept || fail "no dump"
limited ./kept > one || fail "the dump"
limited ./kept > two || fail "the dump"
same "output of threads" "42
8" "$(sed 1d one)"
same "output of threads the second time" "42
8" "$(sed 1d two)"
[ "$(head -n 1 one)" != "$(head -n 1 two)" ] || fail "two starts have the same random numbers"
limited "$PYTHON3" threads.py leave left || fail "no dump"
same "without threads" "True False" "$(limited ./left | sed 1d)"
