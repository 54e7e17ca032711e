#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A server in C with a pool of workers, dumped from inside a request while other clients are
# connected. Original, dump and second generation answer as before.
. "${0%/*}/../lib/functions.sh"

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
server=$top_builddir/examples/server/server
cat > client.py <<'END'
import socket, sys, threading, time
port = int(sys.argv[1])

class Client:
    def __init__(self):
        for attempt in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), 30)
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        self.file = self.socket.makefile("rw")
    def ask(self, line):
        self.file.write(line + "\n")
        self.file.flush()
        return self.file.readline().rstrip("\n")

def ordinary():
    first = Client()
    for line in ("prime 15485863", "prime 15485864", "prime 99999999", "nonsense"):
        print(first.ask(line))
    clients = [Client() for i in range(20)]  # more than there are workers
    answers = [None] * len(clients)
    def talk(i):
        answers[i] = [clients[i].ask("prime %d" % (i * 100 + j)) for j in range(50)]
        clients[i].socket.shutdown(socket.SHUT_RDWR)
    threads = [threading.Thread(target=talk, args=(i,)) for i in range(len(clients))]
    first.socket.shutdown(socket.SHUT_RDWR)
    [t.start() for t in threads], [t.join(30) for t in threads]
    print(sum(a.endswith("is prime") for many in answers for a in many))

def dump(name):
    idle = [Client() for i in range(3)]
    print(idle[0].ask("prime 7"))
    asker = Client()
    print(asker.ask("dump " + name), asker.ask("prime 11"), idle[0].ask("prime 13"))

what = sys.argv[2]
if what == "ordinary":
    ordinary()
elif what == "dump":
    dump(sys.argv[3])
else:
    print(Client().ask(what))
END

client()
{
	limited "$PYTHON3" client.py "$port" "$@" 2>&1
}

# start COMMAND…: waits for the first line that it prints.
start()
{
	: > said
	limited "$@" > said 2>&1 < /dev/null &
	server_process=$!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
	do
		grep -q . said && break
		sleep 0.2
	done
}

stop()
{
	same "the answer to quit" "" "$(client quit)"
	wait $server_process || fail "status $? of the server: $(cat said)"
}

start "$server" 0
port=$(sed -n 's/^listening at //p' said)
[ -n "$port" ] || fail "$(cat said)"
expected=$(client ordinary)
same "primes found" 149 "$(echo "$expected" | tail -n 1 | sed 's/[^0-9]//g')"
same "asked" 1003 "$(client count)"
dumped='7 is prime
dumped 11 is prime 13 is prime'
same "the original" "$dumped" "$(client dump "$work/app")"
same "the original afterwards" "$expected" "$(client ordinary)"
same "asked" 2009 "$(client count)"
same "its generation" 0 "$(client generation)"
stop

# Only the first request of the client that asked for the dump is in the dump's count.
for round in one two
do
	start ./app
	same "output of start $round" "serving again" "$(cat said)"
	same "its generation" 1 "$(client generation)"
	same "asked" 1004 "$(client count)"
	same "answers of start $round" "$expected" "$(client ordinary)"
	same "asked" 2007 "$(client count)"
	[ $round = two ] || stop
done
same "the dump of a dump" "$dumped" "$(client dump "$work/second")"
stop
start ./second
same "its generation" 2 "$(client generation)"
same "answers of the dump of the dump" "$expected" "$(client ordinary)"
same "asked" $((2007 + 1 + 1003)) "$(client count)"
stop
