# SPDX-License-Identifier: GPL-3.0-or-later
#
# A server with an event loop, and its client. The server returns each line.
#
#   hangup.py serve PORT_FILE         serve; write the port to the file
#   hangup.py client PORT             send a line, then a line for each line of standard input
import selectors
import socket
import sys


def accept(loop, listening):
    connection, _ = listening.accept()
    loop.register(connection, selectors.EVENT_READ)


def answer(loop, connection):
    data = connection.recv(100)
    if data:
        connection.sendall(data)
    else:
        loop.unregister(connection)
        connection.close()
        print("a client has gone", flush=True)


def serve(port_file):
    loop = selectors.DefaultSelector()
    listening = socket.create_server(("127.0.0.1", 0))
    loop.register(listening, selectors.EVENT_READ)
    with open(port_file, "w") as file:
        print(listening.getsockname()[1], file=file)
    while True:
        for key, _ in loop.select():
            (accept if key.fileobj is listening else answer)(loop, key.fileobj)


def client(port):
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        lines = connection.makefile("rw", buffering=1)
        print("hello", file=lines)
        print(lines.readline(), end="", flush=True)
        for line in sys.stdin:
            print(line, end="", file=lines)
            print(lines.readline(), end="", flush=True)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    client(int(sys.argv[2]))
