#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# python3 -i with threads alive: one that waits in a queue, one that sleeps, and an asyncio
# loop in a thread; and a program whose only thread is in an asyncio loop that reads standard
# input.
. "${0%/*}/../lib/at_prompt.sh"

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
cat > first <<'END'
import asyncio, queue, threading, time, json, decimal
asked, answers, ticks = queue.Queue(), queue.Queue(), [0]
def work():
    for n in iter(asked.get, None):
        answers.put(6 * n)

def tick():
    while True:
        time.sleep(0.01)
        ticks[0] += 1

worker = threading.Thread(target=work)
worker.start()
threading.Thread(target=tick, daemon=True).start()
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
async def answer(n):
    await asyncio.sleep(0.05)
    return 6 * n

held = threading.RLock()
held.acquire()
words = {f"word{i}": i for i in range(100000)}
asked.put(1)
print(answers.get(timeout=20))
print(asyncio.run_coroutine_threadsafe(answer(1), loop).result(20))
END
# asyncio stores the process that a loop runs in; a dump must set it again.
cat > second <<'END'
asked.put(7)
print(answers.get(timeout=20))
before = ticks[0]; time.sleep(0.3); print(ticks[0] > before)
loop.call_soon_threadsafe(asyncio._set_running_loop, loop) and None
print(asyncio.run_coroutine_threadsafe(answer(8), loop).result(20))
print(words["word77777"], len(words))
held.release(); print(held.acquire(), threading.current_thread().name)
asked.put(None)
worker.join(20); print(worker.is_alive())
extra = threading.Thread(target=print, args=("new thread",)); extra.start(); extra.join()
import subprocess; print(subprocess.check_output(["echo", "child"]))
END
as_ever "$PYTHON3" -i
prints 42

rm -rf app*
# Here the first task after the start of the dump sets it.
cat > loop.py <<'END'
import asyncio, sys
total = ticks = 0

async def tick(loop):
    global ticks
    while True:
        asyncio._set_running_loop(loop)
        await asyncio.sleep(0.01)
        ticks += 1

async def main():
    global total
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    ticker = loop.create_task(tick(loop))
    while line := await reader.readline():
        total += int(line)
        before = ticks
        await asyncio.sleep(0.1)
        print(total, ticks > before, flush=True)
    ticker.cancel()

asyncio.run(main())
END
printf '%s\n' 1 2 > first
printf '%s\n' 30 9 > second
as_ever "$PYTHON3" loop.py
prints '42 True'
