#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The master of gunicorn, dumped while it serves: its temporary files, its socket and its process ID
# are preserved. Its workers are not in the dump; it starts new ones, which serve.
. "${0%/*}/../lib/functions.sh"

need gunicorn
# In a PID namespace of its own, no other process takes the master's ID.
user=
[ "$(id -u)" = 0 ] || user="--user --map-root-user"
unshare $user --pid --fork --mount-proc true 2> /dev/null || skip "no PID namespaces"
cat > app.py <<'END'
def app(environment, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
END
cat > client.py <<'END'
import http.client, socket, time
def ask():
    client = http.client.HTTPConnection("localhost", timeout=30)
    client.sock = socket.socket(socket.AF_UNIX)
    client.sock.connect("socket")
    client.request("GET", "/")
    return client.getresponse().read().decode()
for attempt in range(500):
    try:
        print(ask())
        break
    except OSError:
        time.sleep(0.05)
END
cat > inside <<'END'
gunicorn --bind unix:socket --workers 2 --timeout 5 app:app > log 2>&1 &
"$PYTHON3" client.py
"$UNEXEC_TOOL" dump --quiet --children=ignore --pid=keep -o dump $!
kill -TERM $!
wait $!
echo "ended with status $?"
./dump > dump.log 2>&1 &
"$PYTHON3" client.py
"$PYTHON3" client.py
kill -TERM $!
wait $!
echo "ended with status $?"
END
export PYTHON3
said=$(limited unshare $user --pid --fork --mount-proc sh inside)
cat log dump.log
same "what is said" 'served
ended with status 0
served
served
ended with status 0' "$said"
grep -q 'Parent changed' dump.log && fail "the workers take another process for their parent"
grep -q 'Shutting down: Master' dump.log || fail "the master has not ended as ever"
