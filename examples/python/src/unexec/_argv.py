# SPDX-License-Identifier: MIT
"""Lists that a program has copied from sys.argv when it was imported.

`def main(argv=sys.argv[1:])` has the arguments of the import for ever. So imports see a mark in
sys.argv, an argument that no program has: a list that has the mark is a copy of sys.argv, or of
its end. What is imported while the program is run has seen real arguments: a list that equals the
whole of sys.argv is a copy of it. Each start of the dump puts its own arguments there.
"""
import gc
import os
import sys
from typing import Any, List


def _is_words(items: List[Any]) -> bool:
    """The comparison of other objects may do anything."""
    return len(items) == len(sys.argv) and all(type(one) in (str, bytes) for one in items)


class _Copy:
    def __init__(self, items: List[Any], at: int, length: int) -> None:
        self._items = items
        self._at = at          # the place of the arguments after the program's name
        self._length = length  # their number
        self._encoded = isinstance(items[0], bytes)

    def is_of(self, items: List[Any]) -> bool:
        return items is self._items

    def set(self, arguments: List[str]) -> None:
        new: List[Any] = [os.fsencode(one) if self._encoded else one for one in arguments]
        self._items[self._at:self._at + self._length] = new
        self._length = len(new)


class Arguments:
    """sys.argv and its copies."""

    def __init__(self, name: str) -> None:
        self._mark = f"unexec-mark-{os.getpid()}"
        self._copies: List[_Copy] = []
        sys.argv[:] = [name, self._mark]

    def find_marks(self) -> None:
        """Find copies after the program was imported."""
        marks = (self._mark, os.fsencode(self._mark))
        for thing in gc.get_objects():
            if type(thing) is not list or thing is sys.argv:
                continue
            for at, item in enumerate(thing):
                if isinstance(item, (str, bytes)) and item in marks:
                    self._copies.append(_Copy(thing, at, 1))
                    break

    def find_equal(self) -> None:
        """Find copies after the program was run."""
        wanted = [list(sys.argv), [os.fsencode(one) for one in sys.argv]]
        for thing in gc.get_objects():
            if (type(thing) is list and _is_words(thing) and thing in wanted
                    and thing is not sys.argv and not any(thing is one for one in wanted)
                    and not any(copy.is_of(thing) for copy in self._copies)):
                self._copies.append(_Copy(thing, 1, len(thing) - 1))

    def copies(self) -> int:
        return len(self._copies)

    def set(self, name: str, arguments: List[str]) -> None:
        """Make these the arguments."""
        sys.argv[:] = [name, *arguments]
        for copy in self._copies:
            copy.set(arguments)
