#!/usr/bin/env python
"""Prints what kerchunk 0.2.7's map_from_index makes of a mapping and an index, as JSON rows.

  map_from_index.py MAPPING.parquet FILE.idx RUN SIZE

RUN is a time such as 2023-11-04T00, SIZE that of the GRIB file. Of attrs that a file has twice the first counts, as in the
published preprocessing.
"""

import json
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet
from kerchunk.grib2 import map_from_index, parse_grib_idx


def main():
    mapping_path, idx, run, size = sys.argv[1:]
    writer = pyarrow.parquet.read_metadata(mapping_path).created_by
    mapping = pd.read_parquet(mapping_path, engine="fastparquet" if writer.startswith("fastparquet") else "pyarrow")
    mapping = mapping.reset_index().drop(columns="index", errors="ignore")
    mapping["attrs"] = mapping["attrs"].str.rstrip("\n")
    with tempfile.TemporaryDirectory() as folder:
        grib = Path(folder) / "grib"
        with grib.open("wb") as file:
            file.truncate(int(size))
        Path(f"{grib}.idx").write_text(Path(idx).read_text())
        lines = parse_grib_idx(str(grib))
    lines = lines.loc[~lines["attrs"].duplicated(keep="first")].assign(grib_uri="grib")
    mapped = map_from_index(pd.Timestamp(run), mapping.drop_duplicates("attrs"), lines)
    rows = []
    for row in mapped.to_dict("records"):
        row["step"] = row["step"].total_seconds()
        row["time"], row["valid_time"] = row["time"].timestamp(), row["valid_time"].timestamp()
        rows.append({name: None if value != value else value for name, value in row.items()})
    print(json.dumps(rows))


main()
