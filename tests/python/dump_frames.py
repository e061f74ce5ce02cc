#!/usr/bin/env python
"""Prints parquet files as pandas reads them, one JSON line for each: {"file", "index", "types": [[column, type]], "rows": [{column: value}]}.

  dump_frames.py a.parquet b.parquet

Each file is read by the library that wrote it. Times are seconds since 1970, durations are seconds, what is missing is null.
"""

import json
import sys

import pandas as pd
import pyarrow.parquet


def main():
    for path in sys.argv[1:]:
        frame = read(path)
        types = [[column, str(kind)] for column, kind in frame.dtypes.items()]
        index = frame.index.names
        frame = frame.reset_index()
        rows = [{column: plain(value) for column, value in row.items()} for row in frame.to_dict("records")]
        print(json.dumps({"file": path, "index": index, "types": types, "rows": rows}))


def read(path):
    writer = pyarrow.parquet.read_metadata(path).created_by
    engine = "fastparquet" if writer.startswith("fastparquet") else "pyarrow"
    return pd.read_parquet(path, engine=engine)


def plain(value):
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.timestamp()
    if isinstance(value, pd.Timedelta):
        return value.total_seconds()
    return value.decode() if isinstance(value, bytes) else value


main()
