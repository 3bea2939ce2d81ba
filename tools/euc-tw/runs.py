#!/usr/bin/env python3
"""Prints src/decode/derived/cns.rs: planes 1 and 2 of CNS 11643 as runs of Big5 and Unicode.

    python3 tools/euc-tw/runs.py > src/decode/derived/cns.rs && cargo fmt

The mapping is `euc-tw-2014` of ICU (Unicode License V3), read through its program `uconv`
(Debian: icu-devtools). Big5 and the two planes have nearly the same characters in nearly the
same order, so that runs of them say in a hundred lines what a table would in fourteen thousand.
"""

import subprocess

CONVERTER = "euc-tw-2014"
PLANES = (1, 2)
CELLS = 94
# second bytes of Big5: 40-7E, A1-FE
TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]


def plane(number):
    """The characters of a plane by their index, row by row."""
    codes = [(row, cell) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF)]
    prefix = [0x8E, 0xA0 + number] if number > 1 else []
    lines = b"".join(bytes([*prefix, *code]) + b"\n" for code in codes)
    command = ["uconv", "-f", CONVERTER, "-t", "UTF-8", "--from-callback", "substitute"]
    text = subprocess.run(command, input=lines, stdout=subprocess.PIPE, check=True).stdout.decode()
    read = text.split("\n")[: len(codes)]
    # what is not assigned, and user-defined characters, are nobody's
    return {index: char for index, char in enumerate(read) if len(char) == 1 and is_public(char)}


def is_public(char):
    return char != "\ufffd" and not "\ue000" <= char <= "\uf8ff"


def big5():
    """The index of each character in Big5 as in cp950, the lowest where it has two."""
    places = {}
    for lead in range(0xA1, 0xFA):
        for trail, byte in enumerate(TRAILS):
            # where implementations of Big5 differ
            if 0xC6A1 <= lead << 8 | byte <= 0xC8FE:
                continue
            try:
                char = bytes([lead, byte]).decode("cp950")
            except UnicodeDecodeError:
                continue
            if is_public(char):
                places.setdefault(char, (lead - 0xA1) * len(TRAILS) + trail)
    return places


def runs(characters, places):
    """Characters as [first index, length, source, first there]."""
    found = []
    for index, char in sorted(characters.items()):
        options = [("Unicode", ord(char))]
        if char in places:
            options.insert(0, ("Big5", places[char]))
        if found:
            first, length, source, start = found[-1]
            if index == first + length and (source, start + length) in options:
                found[-1][1] += 1
                continue
        found.append([index, 1, *options[0]])
    return found


def main():
    places = big5()
    print("//! Planes 1 and 2 of CNS 11643, made by tools/euc-tw/runs.py from ICU's `euc-tw-2014`.")
    print("\nuse super::euc_tw::Source::{self, Big5, Unicode};")
    for number in PLANES:
        found = runs(plane(number), places)
        print(f"\n/// Plane {number}: the index of a first character, row by row, how many there are,")
        print("/// and where they come from.")
        print(f"pub(super) const PLANE_{number}: [(u16, u16, Source); {len(found)}] = [")
        for first, length, source, start in found:
            start = f"{start:#06X}".replace("X", "x") if source == "Unicode" else start
            print(f"    ({first}, {length}, {source}({start})),")
        print("];")


main()
