"""How much of the same damaged strings ftfy restores.

    HANFIX_STRINGS=/tmp/damaged.tsv cargo bench --bench accuracy -- damage lossy
    python3 benches/ftfy_accuracy.py /tmp/damaged.tsv [CASES.jsonl...]

Each line of the file is a table, a row and a length, the text and the same damaged, parted by
tabs. A file of cases has a JSON object with `kind`, `damaged` and `truth` in each line. ftfy runs
with what it changes beside mojibake switched off, so that only its decoding is measured.
"""

import json
import sys
from collections import defaultdict

import ftfy

CONFIG = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)


def strings(path):
    """Prints the share of strings restored exactly and the number wrongly changed."""
    tallies = defaultdict(lambda: [0, 0, 0])
    for line in open(path, encoding="utf-8", newline="\n"):
        table, row, length, text, damaged = line.rstrip("\n").split("\t")
        fixed = ftfy.fix_text(damaged, CONFIG)
        tally = tallies[table, row, int(length)]
        tally[0] += fixed == text
        tally[1] += fixed not in (text, damaged)
        tally[2] += 1
    lengths = sorted({length for _, _, length in tallies})
    print(f"ftfy {ftfy.__version__}: % restored exactly (number wrongly changed), by characters")
    print(f"{'':40}" + "".join(f"{length:>12}" for length in lengths))
    for table, row in dict.fromkeys((table, row) for table, row, _ in tallies):
        cells = []
        for length in lengths:
            right, wrong, count = tallies.get((table, row, length), (0, 0, 0))
            cells.append(f"{100 * right / count:.2f} ({wrong})" if count else "–")
        print(f"{table + ' ' + row:40}" + "".join(f"{cell:>12}" for cell in cells))


def cases(path):
    """Prints how many cases of each kind come out exact, unchanged and otherwise."""
    tallies = defaultdict(lambda: [0, 0, 0])
    for line in open(path, encoding="utf-8"):
        case = json.loads(line)
        truth = case["truth"] if case["truth"] is not None else case["damaged"]
        fixed = ftfy.fix_text(case["damaged"], CONFIG)
        outcome = 0 if fixed == truth else 1 if fixed == case["damaged"] else 2
        tallies[case.get("kind", "")][outcome] += 1
    print(f"{path}: exact / unchanged / other")
    for kind, (exact, unchanged, other) in sorted(tallies.items()):
        print(f"{kind:36} {exact:>4} {unchanged:>4} {other:>4}")


if __name__ == "__main__":
    strings(sys.argv[1])
    for path in sys.argv[2:]:
        cases(path)
