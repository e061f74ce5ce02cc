#!/usr/bin/env python3
"""Cuts the project's inventory document into one file a source, with each evidence text once.

  convert.py path/to/spec/inventory.tsv      # writes the *.tsv files beside this script
  convert.py path/to/spec/inventory.tsv --check

A file begins with the evidence texts (`#1<TAB>text`), then the names of the columns, then the rows; `source` is the name of
the file, and `evidence` lists numbers of texts. Nothing else is changed, so that the document can be put together again.
"""

import sys
from pathlib import Path

SEPARATOR = "; "


def convert(document: str) -> dict[str, str]:
    header, *lines = [line for line in document.splitlines() if line.strip()]
    columns = header.split("\t")
    assert columns[0] == "source" and columns[-1] == "evidence", columns
    rows: dict[str, list[list[str]]] = {}
    for line in lines:
        source, *cells = line.split("\t")
        assert len(cells) == len(columns) - 1, line
        rows.setdefault(source, []).append(cells)
    return {source: write(columns[1:], cells) for source, cells in rows.items()}


def write(columns: list[str], rows: list[list[str]]) -> str:
    numbers: dict[str, int] = {}
    body = []
    for *cells, evidence in rows:
        texts = evidence.split(SEPARATOR)
        cited = [str(numbers.setdefault(text, len(numbers) + 1)) for text in texts]
        body.append("\t".join([*cells, " ".join(cited)]))
    legend = [f"#{number}\t{text}" for text, number in numbers.items()]
    return "\n".join([*legend, "\t".join(columns), *body]) + "\n"


def main() -> int:
    document, *options = sys.argv[1:]
    wrong = 0
    for source, text in convert(Path(document).read_text(encoding="utf-8")).items():
        path = Path(__file__).with_name(f"{source}.tsv")
        if options == ["--check"]:
            same = path.exists() and path.read_text(encoding="utf-8") == text
            wrong += not same
            print(f"{path.name}: {'same' if same else 'DIFFERS'}")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: {len(text.splitlines())} lines")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
