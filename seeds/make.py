#!/usr/bin/env python3
"""Makes the damaged documents of this folder from the clean ones in clean/.

Run in this folder; Python's standard library is enough. Each document is
damaged by a real codec, or by what the wrong decoder in question does where
Python's codec of that name behaves otherwise. seeds.tsv tells tests which clean
document each seed came from, and whether everything in it is determined.
"""

import re
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent


def clean(name):
    return (HERE / "clean" / f"{name}.txt").read_text(encoding="utf-8")


def gbk_user_defined(lead, trail):
    """The private-use character of a pair in GBK's user-defined zones, or None."""
    if 0xAA <= lead <= 0xAF and trail >= 0xA1:
        return chr(0xE000 + (lead - 0xAA) * 94 + trail - 0xA1)
    if 0xF8 <= lead <= 0xFE and trail >= 0xA1:
        return chr(0xE234 + (lead - 0xF8) * 94 + trail - 0xA1)
    if 0xA1 <= lead <= 0xA7 and 0x40 <= trail <= 0xA0 and trail != 0x7F:
        return chr(0xE4C6 + (lead - 0xA1) * 96 + trail - 0x40 - (trail > 0x7F))
    return None


def gbk_pair(lead, trail):
    """What a pair is in GB 18030, private-use characters included; None if it is invalid."""
    try:
        return bytes([lead, trail]).decode("gb18030")
    except UnicodeDecodeError:
        return gbk_user_defined(lead, trail)


def read_as_gbk(data, invalid):
    """Reads bytes as GBK; `invalid(trail)` tells what becomes of an invalid pair."""
    text, i = [], 0
    while i < len(data):
        lead = data[i]
        if lead < 0x80:
            text.append(chr(lead))
            i += 1
        elif lead == 0x80:
            text.append("€")
            i += 1
        else:
            trail = data[i + 1] if i + 1 < len(data) else None
            pair = gbk_pair(lead, trail) if trail is not None and lead < 0xFF else None
            text.append(pair or invalid(trail))
            i += 2
    return "".join(text)


def as_windows(data):
    """Windows cp936: an invalid pair becomes one `?`, which swallows its second byte."""
    return read_as_gbk(data, lambda trail: "?")


def as_browser(data):
    """Browsers: U+FFFD for an invalid pair, and an ASCII second byte is kept."""
    return read_as_gbk(data, lambda t: "\ufffd" + (chr(t) if t is not None and t < 0x80 else ""))


def as_cp1252(data):
    """windows-1252 as browsers read it: the five undefined bytes are C1 controls."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


def by_line(text, damage):
    """Damages the lines that come through without a loss, which is not None; the others stay."""
    return "".join(damage(line) or line for line in text.splitlines(keepends=True))


def by_clause(text, damage):
    """Damages the clauses of four characters or more that come through without a loss."""
    clauses = re.split("([，。、：；！？\n])", text)
    damaged = [damage(clause) if len(clause) >= 4 else "\ufffd" for clause in clauses]
    return "".join(c if "\ufffd" in d else d for c, d in zip(clauses, damaged))


def gbk_as_big5(line):
    """Browsers read Big5 with HKSCS; Python's plain big5 has kana and ① at other codes."""
    try:
        return line.encode("gbk").decode("big5hkscs")
    except UnicodeError:
        return None


def with_radicals(text):
    """Every character that shares a glyph with a radical, and one given twice."""
    radicals = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0x2F00, 0x2FD6)}
    radicals |= {"长": "⻓", "黄": "⻩", "页": "⻚", "风": "⻛", "户": "⼾"}
    twice = "\0"
    text = text.replace("自定义", twice)
    text = "".join(radicals.get(c, c) for c in text)
    return text.replace(twice, "\u2f83自定义")


def with_gb18030_private_use(text):
    """The characters that GBK kept in the private use area, at FE50 and A3A0."""
    moved = {"䶮": "\ue863", "㑇": "\ue81b", "䜣": "\ue844", "㧐": "\ue82a", "䴔": "\ue85d"}
    moved["\u3000"] = "\ue5e5"
    return "".join(moved.get(c, c) for c in text)


def with_converted_marks(text):
    """The marks that an old converter from Big5 gave codes of its own."""
    marks = {"，": "\ue00b", "：": "\ue019", "！": "ⅵ"}
    text = "".join(marks.get(c, c) for c in text)
    # a stray A3 before the backslash of one \n
    return text.replace("一下子都散开了。\\n", "一下子都散开了。\ue5a2n")


def alternating(text):
    """Clean lines, lines of UTF-8 read as GBK, lines of UTF-8 read as windows-1252."""
    damages = [lambda line: line, lambda line: as_browser(line.encode()),
               lambda line: as_cp1252(line.encode())]
    lines = text.splitlines(keepends=True)
    return "".join(damages[i % 3](line) for i, line in enumerate(lines))


def utf8(text):
    return text.encode("utf-8")


# seed, its clean document, whether all of it is determined, the damage
SEEDS = [
    ("utf8-as-gbk", "library", "exact",
     lambda t: utf8(by_clause(t, lambda clause: as_browser(utf8(clause))))),
    ("utf8-as-gbk-windows", "release", "lossy", lambda t: utf8(as_windows(utf8(t)))),
    ("utf8-as-gbk-browser", "weather", "lossy", lambda t: utf8(as_browser(utf8(t)))),
    ("utf8-as-cp1252", "recipe", "exact", lambda t: utf8(as_cp1252(utf8(t)))),
    ("utf8-as-latin1-twice", "travel", "exact",
     lambda t: utf8(utf8(utf8(t).decode("latin-1")).decode("latin-1"))),
    ("utf8-as-macroman", "release", "exact", lambda t: utf8(utf8(t).decode("mac_roman"))),
    ("gbk-as-latin1", "recipe", "exact", lambda t: utf8(t.encode("gbk").decode("latin-1"))),
    ("gbk-as-big5", "weather", "exact",
     lambda t: utf8(by_line(t, gbk_as_big5))),
    ("big5-as-gbk", "notice_hant", "exact", lambda t: utf8(as_browser(t.encode("big5")))),
    ("radicals", "guide_pdf", "exact", lambda t: utf8(with_radicals(t))),
    ("private-use-gb18030", "names", "exact", lambda t: utf8(with_gb18030_private_use(t))),
    ("private-use-converter", "game", "exact", lambda t: utf8(with_converted_marks(t))),
    ("raw-gbk", "library", "exact", lambda t: t.encode("gbk")),
    ("raw-big5", "notice_hant", "exact", lambda t: t.encode("big5")),
    ("raw-utf16le", "travel", "exact", lambda t: b"\xff\xfe" + t.encode("utf-16-le")),
    ("mixed-lines", "code", "lossy", lambda t: utf8(alternating(t))),
]


def main():
    for seed, source, _, damage in SEEDS:
        (HERE / f"{seed}.txt").write_bytes(damage(clean(source)))
    rows = [f"{seed}\t{source}\t{state}\n" for seed, source, state, _ in SEEDS]
    (HERE / "seeds.tsv").write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
