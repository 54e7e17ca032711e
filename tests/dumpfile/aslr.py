# SPDX-License-Identifier: GPL-3.0-or-later
#
# Measures randomization: aslr.py PLACES DIRECTORY [COUNT]. Prints for each place the number of
# address bits that differ between COUNT processes: of the program itself, of dumps of it that
# are started once each, and of one dump that is started COUNT times.
import os
import subprocess
import sys

program, directory = os.path.abspath(sys.argv[1]), sys.argv[2]
count = int(sys.argv[3]) if sys.argv[3:] and sys.argv[3] else 6


def start(*command):
    """What the process prints, as a list of place and address."""
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [(line[13:], int(line[:12], 16)) for line in text.splitlines()]


def dump():
    path = os.path.join(directory, "places.dump")
    subprocess.run([program, path], check=True)
    return path


def fresh_dump():
    path = dump()
    try:
        return start(path)
    finally:
        os.unlink(path)


def bits(processes):
    """For each place, how many bits of its address are not the same in all processes."""
    result = {}
    for process in processes:
        for place, address in process:
            first, changed = result.get(place, (address, 0))
            result[place] = first, changed | (first ^ address)
    return {place: bin(changed).count("1") for place, (_, changed) in result.items()}


of_program = bits(start(program) for _ in range(count))
of_dumps = bits(fresh_dump() for _ in range(count))
one = dump()
of_starts = bits(start(one) for _ in range(count))
os.unlink(one)
print(f"{'bits that are drawn (of ' + str(count) + ')':32}{'program':>10}{'dumps':>10}"
      f"{'starts of one':>16}")
for place, number in of_program.items():
    print(f"{place:32}{number:10}{of_dumps[place]:10}{of_starts[place]:16}")
