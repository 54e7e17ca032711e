# SPDX-License-Identifier: GPL-3.0-or-later
#
# An application that imports much and prints one line.
#
#   imports.py [DUMP [own]]
#
# With the name of a file it dumps itself there; the dump prints the same line. With `own`, the dump
# ends as Python itself does.
import sys

import argparse
import asyncio
import concurrent.futures
import decimal
import email.message
import http.client
import json
import logging
import sqlite3
import ssl
import unittest
import xml.dom.minidom
import xml.etree.ElementTree


def main():
    print("ready", flush=True)


if len(sys.argv) > 1:
    import unexec
    unexec.dump(sys.argv[1], entry=main, quick_exit="own" not in sys.argv)
else:
    main()
