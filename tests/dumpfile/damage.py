# SPDX-License-Identifier: GPL-3.0-or-later
#
# Changes a copy of a dump: damage.py DUMP COPY HOW ARGUMENT.
#   flip OFFSET             one bit
#   cut LENGTH              the rest is removed
#   need NAME               the needed CPU feature gets another name, with right checksums
# Or lists places, one a line: damage.py DUMP load (the middle of each PT_LOAD), header (the
# bytes that the kernel looks at in the headers), NAME (the beginning and end of a section).
import ctypes
import struct
import sys

dump = bytearray(open(sys.argv[1], 'rb').read())
phoff, shoff = struct.unpack_from('<QQ', dump, 32)
phnum, _, shnum, shstrndx = struct.unpack_from('<HHHH', dump, 56)
phdrs = [struct.unpack_from('<IIQQQQQQ', dump, phoff + 56 * i) for i in range(phnum)]
shdrs = [struct.unpack_from('<IIQQQQ', dump, shoff + 64 * i) for i in range(shnum)]

def section(name):
    for shdr in shdrs:
        start = shdrs[shstrndx][4] + shdr[0]
        if dump[start:dump.index(0, start)] == name.encode():
            return shdr[4], shdr[5]
    sys.exit('no section ' + name)

def header_places():
    yield from [4, 5, 16, 17, 54]           # class, order, type, size of program headers
    yield from range(24, 40)                # entry, program headers
    yield from [56, 57]                     # how many of these
    for i, phdr in enumerate(phdrs):
        if phdr[0] == 1:
            for field, size in (0, 4), (4, 1), (8, 8), (16, 8), (32, 8), (40, 8):
                yield from range(phoff + 56 * i + field, phoff + 56 * i + field + size)

def value(data):
    library = ctypes.CDLL('libxxhash.so.0')
    library.XXH3_64bits.restype = ctypes.c_uint64
    return library.XXH3_64bits(bytes(data), ctypes.c_size_t(len(data)))

def need(name):
    text, length = section('.unexec.image')
    at = dump.index(b'\nneed ', text) + len('\nneed ')
    end = dump.index(b'\n', at)
    dump[at:end] = name.encode().ljust(end - at, b'_')[:end - at]
    sums, size = section('.unexec.sums')
    # The last checksum is the text's.
    struct.pack_into('<Q', dump, sums + size - 8, value(dump[text:text + length]))
    struct.pack_into('<Q', dump, sums + 16, value(dump[sums + 24:sums + size]))

if len(sys.argv) == 3:
    if sys.argv[2] == 'load':
        places = [phdr[2] + phdr[5] // 2 for phdr in phdrs if phdr[0] == 1]
    elif sys.argv[2] == 'header':
        places = header_places()
    else:
        start, size = section(sys.argv[2])
        places = [start, start + size - 1]
    print(*places, sep='\n')
    sys.exit()
copy, how, argument = sys.argv[2:]
if how == 'flip':
    dump[int(argument)] ^= 4
elif how == 'cut':
    del dump[int(argument):]
else:
    need(argument)
open(copy, 'wb').write(dump)
