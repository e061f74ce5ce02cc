"""What others read in index files: kerchunk in those of NOAA, json in those of ECMWF.

    index_lines.py FILE...

Prints one JSON object: path -> {"by": who read it, "size": of the GRIB file that was pretended, "rows": [...]}.
A row of NOAA is [number, offset, date, attrs, length or null]; a row of ECMWF is the JSON object of the line.
"""

import json
import pathlib
import sys
import tempfile

from kerchunk._grib_idx import parse_grib_idx


def noaa(text):
    lines = [line for line in text.splitlines() if line.strip()]
    size = max(int(line.split(":")[1]) for line in lines) + 1000
    with tempfile.TemporaryDirectory() as folder:
        grib = pathlib.Path(folder, "x")
        with open(grib, "wb") as file:
            file.truncate(size)
        pathlib.Path(folder, "x.idx").write_text(text)
        try:
            table = parse_grib_idx(str(grib))
        except ValueError as error:  # commas and fractional numbers, which it cannot read
            rows = [line.split(":", 3) for line in lines]
            rows = [[number, int(offset), date, attrs, None] for number, offset, date, attrs in rows]
            return {"by": f"split, as kerchunk says {type(error).__name__}", "size": size, "rows": rows}
    rows = [
        [str(number), int(row["offset"]), row["date"], row["attrs"], int(row["length"])]
        for number, row in table.iterrows()
    ]
    return {"by": "kerchunk", "size": size, "rows": rows}


def ecmwf(text):
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return {"by": "json", "size": None, "rows": rows}


found = {}
for path in sys.argv[1:]:
    text = pathlib.Path(path).read_text()
    found[path] = ecmwf(text) if text.lstrip().startswith("{") else noaa(text)
json.dump(found, sys.stdout)
