#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Node at its prompt, with its eleven threads: timers, promises, the pool of threads, the
# compiler's and the collector's, a worker.
. "${0%/*}/../lib/at_prompt.sh"

need node
cat > first <<'END'
const zlib = require('zlib'), crypto2 = require('crypto'), fs2 = require('fs'); 0
const words = new Map(); for (let i = 0; i < 100000; i++) words.set('word' + i, { i }); 0
function answer(n) { return 6 * n }; 0
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }; fib(25)
fs2.readdir('/', () => {}); 0
END
cat > second <<'END'
answer(7)
words.get('word77777').i + words.size
fib(27)
zlib.gunzipSync(zlib.gzipSync('text')).toString()
crypto2.createHash('sha256').update('x').digest('hex').slice(0, 8)
require('child_process').execSync('echo child').toString()
globalThis.gone = new Array(1e6).fill(0).map((_, i) => ({ i })); gone.length
gone = null; gone
new Intl.NumberFormat('de').format(1234.5)
const { Worker } = require('worker_threads'); 0
const all = []; function later(f) { all.push(new Promise(f)); return 0 }
later(r => new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true }).on('message', m => r(console.log('worker', m))))
later(r => Promise.all([1, 2, 3].map(n => new Promise(r => setTimeout(r, 20 * n, n)))).then(a => r(console.log('timers', a))))
later(r => zlib.deflate('x'.repeat(1e6), (e, b) => r(console.log('pool', b.length))))
later(r => fs2.readdir('/', (e, l) => r(console.log('directory', l.includes('proc')))))
later(r => setTimeout(() => r(console.log('late')), 500))
await Promise.all(all); 0
END
# Asynchronous output may appear at any place after the prompt. At the end of its input, node 24
# waits only for promises that are awaited.
tidy()
{
	sed 's/^\(> \)*//' | sort
}
as_ever node -i
grep -q '^> 42$' ordinary || fail "$(cat ordinary)"
