#!/usr/bin/env python
"""Writes references as the pipelines in the field publish them, from the index files of an ECMWF archive.

  publish.py flat OUT.parquet --member ens01 [--levels] [--no-ifs] [--number 1] INDEX...
  publish.py month OUT.parquet DATE:MEMBER:STORE.json...

flat: keys `step_NNN/{param}/{levtype}[/{level}]/{member}/0.0.0` with URLs that lack `.grib2`, beside a template's arrays.
month: rows `refs` and `version` of many stores, with the columns date and member.
"""

import argparse
import json
from pathlib import Path

import pandas as pd

BUCKET = "s3://ecmwf-forecasts"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["flat", "month"])
    parser.add_argument("out")
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--member", default="control")
    parser.add_argument("--levels", action="store_true", help="pressure levels have keys of their own")
    parser.add_argument("--no-ifs", action="store_true", help="URLs lack the folder `ifs/` too")
    arguments = parser.parse_args()
    rows = flat(arguments) if arguments.kind == "flat" else month(arguments.inputs)
    rows.to_parquet(arguments.out)


def flat(arguments):
    number = None if arguments.member == "control" else str(int(arguments.member[-2:]))
    array = {"chunks": [1, 181, 360], "dtype": "<f4", "shape": [1, 181, 360], "zarr_format": 2}
    store = {"2t/surface/.zarray": json.dumps(array), "2t/surface/.zattrs": json.dumps({"level": 0})}
    store["_kerchunk_metadata"] = {"member": arguments.member}
    for index in map(Path, arguments.inputs):
        date, hour = index.name[:8], index.name[8:10]
        folder = "0p25" if arguments.no_ifs else "ifs/0p25"
        url = f"{BUCKET}/{date}/{hour}z/{folder}/{index.parent.name}/{index.stem}"
        for line in index.read_text().splitlines():
            row = json.loads(line)
            if row.get("number") != number:
                continue
            level = f"/{row['levelist']}" if row["levtype"] == "pl" and arguments.levels else ""
            key = f"step_{int(row['step']):03}/{row['param']}/{row['levtype']}{level}/{arguments.member}/0.0.0"
            store[key] = [url, row["_offset"], row["_length"]]
    return pd.DataFrame({"key": list(store), "value": [octets(value) for value in store.values()]})


def octets(value):
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def month(stores):
    rows = []
    for store in stores:
        date, member, path = store.split(":", 2)
        refs = json.loads(Path(path).read_text())["refs"]
        rows.append({"date": date, "member": member, "key": "refs", "value": str(refs).encode()})
        rows.append({"date": date, "member": member, "key": "version", "value": b"1"})
    return pd.DataFrame(rows)


main()
