#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contents.py A B: prints where the memory of two dumps of one process differs. Only memory that
the file has at its final address is compared; missing memory is zero. Prints the number of equal
pages."""
import struct
import sys

PAGE = 4096


def pages(path):
    """Maps the address of each page to its bytes, except pages of zeros."""
    with open(path, 'rb') as file:
        data = file.read()
    offset, = struct.unpack_from('<Q', data, 32)
    size, count = struct.unpack_from('<HH', data, 54)
    result = {}
    for i in range(count):
        kind, _, start, address, _, length = struct.unpack_from('<IIQQQQ', data,
                                                                offset + i * size)
        for at in range(0, length if kind == 1 else 0, PAGE):
            page = data[start + at:start + at + PAGE]
            if page.count(0) < len(page):
                result[address + at] = page
    return result


def ours(text):
    """The addresses of all pages in regions that are not the process's."""
    result = set()
    with open(text) as lines:
        for line in lines:
            words = line.split()
            if words[0] == 'region' and words[-1] in (
                    '[trampoline]', '[redirect]', '[vdso-proxy]', '[memfd]', '[vdso]'):
                start, end = (int(word, 16) for word in words[1].split('-'))
                result.update(range(start, end, PAGE))
    return result


def without_rseq(page, address, areas):
    """Clears rseq areas: the kernel writes a thread's CPU there, also when it is only traced."""
    page = bytearray(page)
    for area in areas:
        if address <= area < address + PAGE:
            page[area - address:area - address + 32] = bytes(32)
    return page


def rseq_areas(text):
    with open(text) as lines:
        return [int(word[5:], 16) for line in lines if line.startswith('thread ')
                for word in line.split() if word.startswith('rseq=')]


def main():
    a, b = pages(sys.argv[1]), pages(sys.argv[2])
    areas = rseq_areas(sys.argv[1] + '.text')
    skip = ours(sys.argv[1] + '.text') | ours(sys.argv[2] + '.text')
    # The restarter and staged memory are at any free addresses in this range.
    low = range(0x100000000000, 0x200000000000)
    zeros = bytes(PAGE)
    same = 0
    for address in sorted(set(a) | set(b)):
        if address in skip or address in low:
            continue
        if (without_rseq(a.get(address, zeros), address, areas)
                != without_rseq(b.get(address, zeros), address, areas)):
            print(f'{address:#x} differs')
            sys.exit(1)
        same += 1
    print(f'{same} pages are the same')
    sys.exit(same < 100)


main()
