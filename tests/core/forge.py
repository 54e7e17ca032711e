#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes core files that no kernel writes: forge.py KIND > core, forge.py --list.

Each kind is the sound core ("sound": one thread, a page of program, a stack) with one change,
which names the kind."""
import struct
import sys

PAGE = 4096
PROGRAM = 0x400000
STACK = 0x7ffd00000000
NT_PRSTATUS, NT_FPREGSET, NT_PRPSINFO, NT_AUXV = 1, 2, 3, 6
NT_FILE, NT_SIGINFO, NT_X86_XSTATE = 0x46494c45, 0x53494749, 0x202
AT_PHDR, AT_PHENT, AT_PHNUM, AT_ENTRY, AT_RANDOM = 3, 4, 5, 9, 25
PT_LOAD, PT_NOTE = 1, 4
R, W, X = 4, 2, 1


class Core:
    """The parts of a core; a kind changes them before they are written."""

    def __init__(self):
        self.ident = b'\x7fELF\x02\x01\x01' + bytes(9)
        self.type, self.machine = 4, 62
        self.tids = [100]
        self.pid = 100
        self.files = [(PROGRAM, PROGRAM + PAGE, 0, b'/nowhere/program')]
        self.file_count = None
        self.file_unit = PAGE
        self.auxv = [(AT_PHDR, PROGRAM + 64), (AT_PHENT, 56), (AT_PHNUM, 1),
                     (AT_ENTRY, PROGRAM + 0x100), (AT_RANDOM, STACK + PAGE - 64), (0, 0)]
        # address, flags, size in memory, bytes
        self.loads = [[PROGRAM, R | X, PAGE, program()], [STACK, R | W, PAGE, b'\x11' * PAGE]]
        self.extra_notes = b''
        self.status_size = 336
        self.cut = None
        self.patch_header = lambda headers: headers

    def notes(self):
        result = b''
        for tid in self.tids:
            result += note(NT_PRSTATUS, status(tid)[:self.status_size])
            result += note(NT_FPREGSET, bytes(512))
        info = struct.pack('<4bxxxxQIIiiii16s80s', 0, 0, 0, 0, 0, 0, 0, self.pid, 1, 1, 1,
                           b'program', b'program')
        result += note(NT_PRPSINFO, info)
        result += note(NT_AUXV, b''.join(struct.pack('<QQ', *pair) for pair in self.auxv))
        if self.files is not None:
            count = len(self.files) if self.file_count is None else self.file_count
            files = struct.pack('<QQ', count, self.file_unit)
            for start, end, offset, _ in self.files:
                files += struct.pack('<QQQ', start, end, offset)
            files += b''.join(name + b'\0' for *_, name in self.files)
            result += note(NT_FILE, files)
        return result + self.extra_notes

    def write(self):
        notes = self.notes()
        count = len(self.loads) + 1
        at = 64 + count * 56
        headers = [[PT_NOTE, R, at, 0, 0, len(notes), 0, 4]]
        at = -(-(at + len(notes)) // PAGE) * PAGE
        body = b''
        for address, flags, size, content in self.loads:
            headers.append([PT_LOAD, flags, at + len(body), address, 0, len(content), size,
                            PAGE])
            body += content + bytes(-len(content) % PAGE)
        headers = self.patch_header(headers)
        result = self.ident + struct.pack('<HHIQQQIHHHHHH', self.type, self.machine, 1, 0, 64,
                                          0, 0, 64, 56, len(headers), 0, 0, 0)
        result += b''.join(struct.pack('<IIQQQQQQ', *header) for header in headers)
        result += notes
        result += bytes(at - len(result)) + body
        return result[:self.cut]


def note(kind, content, owner=None):
    if owner is None:
        owner = b'LINUX\0' if kind == NT_X86_XSTATE else b'CORE\0'
    return (struct.pack('<III', len(owner), len(content), kind) + owner
            + bytes(-len(owner) % 4) + content + bytes(-len(content) % 4))


def status(tid):
    registers = [0] * 27
    registers[16], registers[19] = PROGRAM + 0x100, STACK + 0x800
    registers[17], registers[18], registers[20] = 0x33, 0x202, 0x2b
    return (struct.pack('<iiih2xQQiiii', 0, 0, 0, 0, 0, 0, tid, 1, 1, 1) + bytes(64)
            + struct.pack('<27Q', *registers) + bytes(8))


EXIT_7 = b'\xbf\x07\0\0\0\xb8\x3c\0\0\0\x0f\x05'


def program(code=EXIT_7):
    """exit(7) or other code, after an ELF header with a PT_LOAD and a build-id."""
    build = note(3, bytes(range(20)), b'GNU\0')
    head = (b'\x7fELF\x02\x01\x01' + bytes(9)
            + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, PROGRAM + 0x100, 64, 0, 0, 64, 56, 2, 0, 0,
                          0)
            + struct.pack('<IIQQQQQQ', PT_LOAD, R | X, 0, PROGRAM, PROGRAM, PAGE, PAGE, PAGE)
            + struct.pack('<IIQQQQQQ', PT_NOTE, R, 0xc0, PROGRAM + 0xc0, 0, len(build),
                          len(build), 4))
    result = head + bytes(0xc0 - len(head)) + build
    return (result + bytes(0x100 - len(result)) + code).ljust(PAGE, b'\0')


KINDS = {}


def kind(function):
    KINDS[function.__name__] = function
    return function


@kind
def sound(core):
    pass


# Offset and size of each XSAVE state on Intel and AMD.
INTEL = {2: (576, 256), 5: (1088, 64), 6: (1152, 512), 7: (1664, 1024), 9: (2688, 8),
         17: (2752, 64), 18: (2816, 8192)}
AMD = {2: (576, 256), 5: (832, 64), 6: (896, 512), 7: (1408, 1024), 9: (2432, 8)}
DEFAULT_KEYS = b'\x54\x55\x55\x55\0\0\0\0'

# Programs that end with a status from a register.
EXIT = b'\xb8\x3c\0\0\0\x0f\x05'
FROM_XMM0 = b'\x66\x0f\x7e\xc7' + EXIT
FROM_YMM5 = b'\xc4\xe3\x7d\x39\xe8\x01' + FROM_XMM0         # its upper half
FROM_ZMM20 = b'\x62\xe3\x7d\x48\x39\xe0\x03' + FROM_XMM0    # its last quarter
FROM_K3 = b'\xc5\xf8\x93\xfb' + EXIT


def registers(core, places, states, content, code, layout=False):
    """content maps a state to (offset, byte that becomes the status), or to all of its bytes."""
    size = max(sum(places[state]) for state in places if states >> state & 1)
    area = bytearray(size)
    area[24:28] = b'\x80\x1f\0\0'
    area[464:472] = struct.pack('<Q', states)
    used = 3
    for state, value in content.items():
        used |= 1 << state
        at = places[state][0]
        if isinstance(value, bytes):
            area[at:at + len(value)] = value
        else:
            area[at + value[0]] = value[1]
    area[512:520] = struct.pack('<Q', used)
    core.extra_notes += note(NT_X86_XSTATE, bytes(area))
    if layout:
        core.extra_notes += note(0x205, b''.join(
            struct.pack('<IIII', state, place[1], place[0], 0)
            for state, place in places.items() if states >> state & 1), b'LINUX\0')
    core.loads[0][3] = program(code)
    return area


@kind
def intel_avx(core):
    registers(core, INTEL, 0x602e7, {2: (16 * 5, 21), 9: DEFAULT_KEYS}, FROM_YMM5)


@kind
def intel_avx_layout(core):
    registers(core, INTEL, 0x602e7, {2: (16 * 5, 22), 9: DEFAULT_KEYS}, FROM_YMM5, True)


@kind
def amd_avx(core):
    registers(core, AMD, 0xe7, {2: (16 * 5, 23)}, FROM_YMM5)


@kind
def intel_avx512(core):
    registers(core, INTEL, 0x2e7, {7: (64 * 4 + 48, 24), 9: DEFAULT_KEYS}, FROM_ZMM20)


@kind
def amd_avx512(core):
    registers(core, AMD, 0x2e7, {7: (64 * 4 + 48, 25), 9: DEFAULT_KEYS}, FROM_ZMM20)


@kind
def intel_mask(core):
    registers(core, INTEL, 0xe7, {5: (8 * 3, 26)}, FROM_K3, True)


@kind
def amd_mask(core):
    registers(core, AMD, 0xe7, {5: (8 * 3, 27)}, FROM_K3)


@kind
def intel_keys(core):
    registers(core, INTEL, 0x2e7, {9: b'\x50\x55\x55\x55\0\0\0\0'}, EXIT_7)


@kind
def intel_tiles(core):
    registers(core, INTEL, 0x602e7, {18: (100, 1)}, EXIT_7)


@kind
def registers_compacted(core):
    area = registers(core, AMD, 0xe7, {2: (0, 1)}, EXIT_7)
    area[520:528] = struct.pack('<Q', 1 << 63 | 7)
    core.extra_notes = note(NT_X86_XSTATE, bytes(area))


@kind
def registers_unknown(core):
    area = registers(core, AMD, 0xe7, {7: (0, 1), 5: (0, 1)}, EXIT_7)
    core.extra_notes = note(NT_X86_XSTATE, bytes(area) + bytes(64))


@kind
def registers_layout(core):
    registers(core, {2: (576, 256), 7: (1 << 20, 1024)}, 0x87, {2: (0, 1)}, EXIT_7)
    core.extra_notes = (note(NT_X86_XSTATE, bytes(64 * 40))
                        + note(0x205, struct.pack('<IIII', 7, 1024, 1 << 20, 0), b'LINUX\0'))


@kind
def threads(core):
    core.tids = [101, 100, 102]


@kind
def left_out(core):
    """gdb leaves out unchanged pages: a second page of the program is only in the file."""
    core.files.append((PROGRAM + PAGE, PROGRAM + 2 * PAGE, 1, b'/nowhere/program'))


@kind
def not_elf(core):
    core.ident = b'what is this?   '


@kind
def not_core(core):
    core.type = 2


@kind
def class_32(core):
    core.ident = core.ident[:4] + b'\x01' + core.ident[5:]


@kind
def other_machine(core):
    core.machine = 183


@kind
def big_endian(core):
    core.ident = core.ident[:5] + b'\x02' + core.ident[6:]


@kind
def truncated_header(core):
    core.cut = 40


@kind
def truncated_segments(core):
    core.cut = 100


@kind
def truncated_memory(core):
    core.cut = -100


@kind
def no_memory(core):
    core.loads = []


@kind
def no_threads(core):
    core.tids = []


@kind
def no_auxv(core):
    core.notes = lambda: note(NT_PRSTATUS, status(100))


@kind
def no_files(core):
    core.files = None


@kind
def no_stack(core):
    core.loads.pop()


@kind
def empty_stack(core):
    core.loads[1][3] = b''


@kind
def no_vdso(core):
    core.auxv.insert(0, (33, 0x7fff00000000))


def vdso(core, content):
    core.auxv.insert(0, (33, 0x7fff00000000))
    core.loads.append([0x7fff00000000, R | X, PAGE, content.ljust(PAGE, b'\0')])


@kind
def vdso_names(core):
    """Two functions at one address, with names far beyond the vDSO's end (found by fuzzing)."""
    head = (b'\x7fELF\x02\x01\x01' + bytes(9)
            + struct.pack('<HHIQQQIHHHHHH', 3, 62, 1, 0, 0, 64, 0, 64, 56, 0, 64, 2, 0)
            + struct.pack('<IIQQQQIIQQ', 0, 11, 0, 0, 0x200, 48, 1, 0, 8, 24)
            + struct.pack('<IIQQQQIIQQ', 0, 3, 0, 0, 0x300, 16, 0, 0, 1, 0))
    symbols = b''.join(struct.pack('<IBBHQQ', name, 2, 0, 1, 0x400, 0)
                       for name in (0x7fffffff, 0x7ffffff0))
    vdso(core, head.ljust(0x200, b'\0') + symbols)


@kind
def vdso_sections(core):
    """The vDSO's section headers are beyond its end."""
    vdso(core, b'\x7fELF\x02\x01\x01' + bytes(9)
         + struct.pack('<HHIQQQIHHHHHH', 3, 62, 1, 0, 0, 2**63, 0, 64, 56, 0, 64, 200, 0))


@kind
def overlapping(core):
    core.loads.append([PROGRAM, R, 2 * PAGE, b''])


@kind
def beyond(core):
    core.loads = [[0xffffffffff600000, X, PAGE, bytes(PAGE)]]
    core.files = []


@kind
def wraps_around(core):
    core.loads.append([0xfffffffffffff000, R, 2 * PAGE, b''])


@kind
def not_aligned(core):
    core.loads[0][0] += 8


@kind
def more_than_memory(core):
    core.loads[0][2] = PAGE
    core.loads[0][3] = bytes(2 * PAGE)


@kind
def endless_segment(core):
    def patch(headers):
        headers[1][2], headers[1][5] = 2**63, 2**63
        headers[1][6] = 2**63
        return headers
    core.patch_header = patch


@kind
def endless_notes(core):
    def patch(headers):
        headers[0][5] = 2**40
        return headers
    core.patch_header = patch


@kind
def long_note(core):
    core.extra_notes = struct.pack('<III', 5, 0xffffffff, 1) + b'CORE\0\0\0\0'


@kind
def long_name(core):
    core.extra_notes = struct.pack('<III', 0xfffffffd, 8, 1) + b'CORE\0\0\0\0'


@kind
def short_status(core):
    core.status_size = 100


@kind
def same_thread(core):
    core.tids = [100, 100]


@kind
def thread_zero(core):
    core.tids = [0]


@kind
def many_files(core):
    core.file_count = 2**61


@kind
def file_unit(core):
    core.files[0] = (PROGRAM, PROGRAM + PAGE, 2**40, b'/nowhere/program')
    core.file_unit = 2**40


@kind
def empty_file(core):
    core.files.append((PROGRAM + 2 * PAGE, PROGRAM + 2 * PAGE, 0, b'/nowhere/library'))


@kind
def files_overlap(core):
    core.files.append((PROGRAM, PROGRAM + 2 * PAGE, 0, b'/nowhere/library'))


@kind
def nameless_file(core):
    core.file_count = 2
    core.files[0] = (PROGRAM, PROGRAM + PAGE, 0, b'')


@kind
def missing_file(core):
    core.files.append((0x500000, 0x500000 + PAGE, 0, b'/nowhere/library'))
    core.loads.insert(1, [0x500000, R | X, PAGE, b''])


@kind
def device(core):
    core.files.append((0x500000, 0x500000 + PAGE, 0, b'/dev/null'))
    core.loads.insert(1, [0x500000, R | W, PAGE, b''])


@kind
def huge_stack(core):
    """The stack is so large that no step may work page by page."""
    core.loads[1][0] = STACK - 2**45
    core.loads[1][2] = 2**45 + PAGE
    core.loads[1][3] = b'\x11' * PAGE


def main():
    if sys.argv[1:] == ['--list']:
        print('\n'.join(KINDS))
        return
    core = Core()
    KINDS[sys.argv[1]](core)
    sys.stdout.buffer.write(core.write())


main()
