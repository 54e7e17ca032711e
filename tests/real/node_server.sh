#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A Node HTTP server, dumped while it listens: every start of the dump listens and answers,
# after the original has ended.
. "${0%/*}/../lib/at_prompt.sh"

need node curl
cat > server.js <<'END'
const http = require('http'), zlib = require('zlib'), fs = require('fs');
const squares = Array.from({ length: 100000 }, (_, i) => i * i);
let served = 0;
http.createServer((request, response) => {
  const n = +new URL(request.url, 'http://x').searchParams.get('n');
  if (request.url === '/end')
    response.end('bye\n', () => process.exit(0));
  else if (request.url === '/packed')
    zlib.gzip('x'.repeat(100000), (e, packed) => response.end(packed));
  else
    setTimeout(() => response.end(`${++served} ${squares[n]}\n`), 5);
}).listen(+process.argv[2], '127.0.0.1', () => fs.writeFileSync('listens', ''));
END

ask()
{
	curl -s --max-time 20 --retry 50 --retry-connrefused --retry-delay 1 --retry-max-time 30 \
		"http://127.0.0.1:$port$1"
}

talk()
{
	ask '/?n=7'
	ask '/?n=99999'
	ask /packed | gzip -d | wc -c
	for i in 1 2 3 4 5 6 7 8 9
	do
		ask "/?n=$i" > /dev/null &
		asked="${asked-} $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $asked
	ask '/?n=10'
	ask /end
}

# serve COMMAND…: starts the server and prints its answers.
serve()
{
	limited "$@" > said 2>&1 < /dev/null &
	server=$!
	talk
	wait $server || fail "status $? of $*: $(cat said)"
}

# The kernel chooses a free port.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1",
	() => { console.log(s.address().port); s.close() })')
expected=$(serve node server.js "$port") || fail "$(cat said)"
same "the last answer" bye "$(printf '%s' "$expected" | tail -n 1)"

rm -f listens
UNEXEC_TEST_WHEN=idle
export UNEXEC_TEST_WHEN
: > first
dump_at_prompt app node server.js "$port"
[ -e listens ] || fail "dumped before it listened"
for start in one two
do
	same "answers of start $start" "$expected" "$(serve ./app)"
done
