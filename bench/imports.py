# SPDX-License-Identifier: GPL-3.0-or-later
#
# An application that imports much and prints one line. With the name of a file it dumps
# itself there; the dump prints the same line.
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

if len(sys.argv) > 1:
    import unexec
    if not unexec.dump(sys.argv[1]):
        sys.exit(0)
print("ready", flush=True)
