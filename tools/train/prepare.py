#!/usr/bin/env python3
"""Makes the training texts that come from packages: words.txt, word-counts.txt and messages.txt.

    python3 tools/train/prepare.py FOLDER [PACKAGES]

FOLDER is where the other corpora are and where the files go. PACKAGES is a
folder with the two archives named below; without it they are downloaded from PyPI.

words.txt     the dictionary of jieba 0.42.1 (MIT): each word of two characters or
              more, on lines of its own, as often as a sample of its corpus has it
word-counts.txt
              the same dictionary, `WORD COUNT` a line
messages.txt  the translations of Django 5.2 (BSD-3-Clause) into all its languages
"""

import io
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

JIEBA = "jieba-0.42.1"
DJANGO = "Django-5.2"

# A line for so many occurrences in jieba's corpus: rare words drop out, and the file
# stays a tenth of the running text.
OCCURRENCES_PER_LINE = 20
# The most lines for one word, so that a few hundred common ones do not outweigh the rest.
MOST_LINES = 2000

MESSAGE = re.compile(r'^msgstr(?:\[\d\])? ((?:".*"\n)+)', re.MULTILINE)
QUOTED = re.compile(r'"(.*)"')
# Stands in the message that is a catalogue's header.
HEADER_MARK = "Project-Id-Version"


def main() -> None:
    match sys.argv[1:]:
        case [folder]:
            with tempfile.TemporaryDirectory() as packages:
                download(packages)
                prepare(Path(folder), Path(packages))
        case [folder, packages]:
            prepare(Path(folder), Path(packages))
        case _:
            sys.exit("usage: prepare.py FOLDER [PACKAGES]")


def download(packages: str) -> None:
    """Fetches both archives without unpacking or installing them."""
    names = [name.replace("-", "==") for name in (JIEBA, DJANGO)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", packages]
    subprocess.run([*pip, *names], check=True)


def prepare(folder: Path, packages: Path) -> None:
    jieba = packages / f"{JIEBA}.tar.gz"
    write(folder / "words.txt", words(jieba))
    write(folder / "word-counts.txt", (f"{word} {count}" for word, count in dictionary(jieba)))
    write(folder / "messages.txt", messages(find_wheel(packages)))


def find_wheel(packages: Path) -> Path:
    """The wheel of Django, in whatever case its file name is."""
    prefix = f"{DJANGO}-".lower()
    wheels = [path for path in packages.glob("*.whl") if path.name.lower().startswith(prefix)]
    if len(wheels) != 1:
        sys.exit(f"{packages}: found {len(wheels)} wheels of {DJANGO}, not one")
    return wheels[0]


def words(archive: Path):
    """Lines of jieba's dictionary, `WORD COUNT TAG`, each word as often as it counts."""
    for word, count in dictionary(archive):
        if len(word) > 1:
            yield from [word] * min(count // OCCURRENCES_PER_LINE, MOST_LINES)


def dictionary(archive: Path):
    """The words of jieba's dictionary, each with how often its corpus has it."""
    with tarfile.open(archive) as tar:
        lines = tar.extractfile(f"{JIEBA}/jieba/dict.txt")
        for line in io.TextIOWrapper(lines, encoding="utf-8"):
            word, count, _tag = line.split(" ")
            yield word, int(count)


def messages(wheel: Path):
    """The translated messages of every catalogue, in the order of their paths."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(name for name in archive.namelist() if name.endswith(".po")):
            with io.TextIOWrapper(archive.open(name), encoding="utf-8") as catalogue:
                for match in MESSAGE.finditer(catalogue.read()):
                    text = "".join(QUOTED.findall(match.group(1)))
                    if text and HEADER_MARK not in text:
                        yield text.replace("\\n", "\n").replace('\\"', '"')


def write(path: Path, lines) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    print(f"{path}: {path.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
