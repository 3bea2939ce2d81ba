"""How often chardet and charset-normalizer decode the same strings exactly.

    HANFIX_STRINGS=/tmp/strings.tsv cargo bench --bench detect_accuracy -- 200
    python3 benches/detect_accuracy.py /tmp/strings.tsv [FOLDER]

Each line of the file is an encoding, a length, the bytes in hexadecimal and the text. FOLDER holds
files in folders named by their encodings. A detector that is not installed is left out.
"""

import codecs
import importlib
import pathlib
import sys
from collections import defaultdict


def detectors():
    """The installed detectors by name: functions from bytes to a name of an encoding, or None."""
    found = {}
    try:
        chardet = importlib.import_module("chardet")
        found[f"chardet {chardet.__version__}"] = lambda data: chardet.detect(data)["encoding"]
    except ImportError:
        print("chardet is not installed: left out")
    try:
        normalizer = importlib.import_module("charset_normalizer")

        def best(data):
            match = normalizer.from_bytes(data).best()
            return match and match.encoding

        found[f"charset-normalizer {normalizer.__version__}"] = best
    except ImportError:
        print("charset-normalizer is not installed: left out")
    return found


def decoded(data, encoding):
    try:
        return data.decode(encoding).lstrip("\ufeff") if encoding else None
    except (LookupError, UnicodeDecodeError):
        return None


def strings(path, detect):
    """Prints the share of strings that decode exactly, by encoding and length."""
    right, all_ = defaultdict(int), defaultdict(int)
    for line in open(path, encoding="utf-8"):
        encoding, length, data, text = line.rstrip("\n").split("\t", 3)
        data = bytes.fromhex(data)
        all_[encoding, int(length)] += 1
        right[encoding, int(length)] += decoded(data, detect(data)) == text
    lengths = sorted({length for _, length in all_})
    print(f"{'encoding':14}" + "".join(f"{length:>8}" for length in lengths))
    for encoding in dict.fromkeys(encoding for encoding, _ in all_):
        shares = (100 * right[encoding, n] / max(all_[encoding, n], 1) for n in lengths)
        print(f"{encoding:14}" + "".join(f"{share:8.1f}" for share in shares))


def files(folder, detect):
    """Prints how many files decode as the name of their folder says."""
    right = total = 0
    for path in sorted(pathlib.Path(folder).glob("*/*")):
        parts = path.parent.name.split("-")
        labels = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
        label = next((label for label in labels if known(label)), None)
        data = path.read_bytes() if path.is_file() else None
        truth = data is not None and label and decoded(data, label)
        if truth:
            total += 1
            right += decoded(data, detect(data)) == truth
    print(f"{right} of {total} files decoded as labelled")


def known(label):
    try:
        return codecs.lookup(label) is not None
    except LookupError:
        return False


def main():
    for name, detect in detectors().items():
        print(f"\n{name}: decoded exactly, %")
        strings(sys.argv[1], detect)
        for folder in sys.argv[2:]:
            files(folder, detect)


if __name__ == "__main__":
    main()
