# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compares two files like /proc/PID/maps, of a process and of a start of its dump. Every old
# page has the same protection. Other pages are the kernel's, or are not both writable and
# executable. No page of a stack is executable. Prints the differences. With a third argument,
# only pages whose name contains it are compared.
import sys


def read(path):
    ranges = []
    for line in open(path):
        words = line.split(None, 5)
        start, end = (int(word, 16) for word in words[0].split("-"))
        ranges.append((start, end, words[1], words[5].strip() if len(words) > 5 else ""))
    return ranges


def is_kernels(name):
    return name.startswith("[v")


def protection_at(ranges, address):
    for start, end, protection, name in ranges:
        if start <= address < end:
            return protection[:3], end
    return None, min((r[0] for r in ranges if r[0] > address), default=1 << 64)


before, after = read(sys.argv[1]), read(sys.argv[2])
for start, end, protection, name in before:
    while start < end and not is_kernels(name):
        found, until = protection_at(after, start)
        # The untouched end of the stack is not restored; the stack grows again.
        if found != protection[:3] and not (found is None and name == "[stack]"):
            print(f"{start:x} {name}: {protection[:3]} has become {found}")
        start = until
for start, end, protection, name in after:
    if is_kernels(name):
        continue
    if name == "[stack]" and "x" in protection:
        print(f"the stack can be executed: {protection}")
    while start < end:
        was, until = protection_at(before, start)
        if was is None and "x" in protection and ("w" in protection or end - start > 8192):
            print(f"{start:x}-{end:x} {name}: {protection} was not there")
        if was is None and end - start > 1 << 20:
            print(f"{start:x}-{end:x} {name}: {end - start} bytes that were not there")
        start = until
