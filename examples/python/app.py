#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An application with slow imports and a fast answer.

    app.py WORD…          prints facts about the words
    app.py --dump FILE    dumps itself, after the imports; then run FILE WORD…
"""
import argparse
import asyncio
import collections
import concurrent.futures
import dataclasses
import datetime
import decimal
import email.message
import email.mime.multipart
import hashlib
import http.client
import http.server
import json
import logging
import sqlite3
import ssl
import statistics
import sys
import unittest
import urllib.request
import xml.dom.minidom
import xml.etree.ElementTree
import zoneinfo


def parse():
    parser = argparse.ArgumentParser(prog="app")
    parser.add_argument("--dump", metavar="FILE")
    parser.add_argument("words", nargs="*")
    return parser.parse_args(sys.argv[1:])


async def measure(words):
    async def one(word):
        await asyncio.sleep(0)
        return len(word)

    return await asyncio.gather(*map(one, words))


def count_in_threads(words):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda word: len(set(word)), words))


def average(lengths):
    return decimal.Decimal(sum(lengths)) / max(1, len(lengths))


def sort_in_database(words):
    database = sqlite3.connect(":memory:")
    database.execute("create table word (text)")
    database.executemany("insert into word values (?)", [(word,) for word in words])
    return [row[0] for row in database.execute("select text from word order by text")]


def main():
    arguments = parse()
    context = ssl.create_default_context()  # reads all certificates
    if arguments.dump:
        # Only the dump runs the code after these lines.
        import unexec
        if not unexec.dump(arguments.dump):
            return
        arguments = parse()
    words = arguments.words
    lengths = asyncio.run(measure(words))
    tree = xml.etree.ElementTree.Element("words", count=str(len(words)))
    message = email.message.EmailMessage()
    message["Subject"] = " ".join(words)
    print(json.dumps({
        "words": words,
        "lengths": lengths,
        "letters": count_in_threads(words),
        "average": str(average(lengths)),
        "sorted": sort_in_database(words),
        "xml": xml.etree.ElementTree.tostring(tree).decode(),
        "subject": message["Subject"],
        "digest": hashlib.sha256(" ".join(words).encode()).hexdigest()[:16],
        "checked": context.verify_mode == ssl.CERT_REQUIRED,
    }), flush=True)


if __name__ == "__main__":
    main()
