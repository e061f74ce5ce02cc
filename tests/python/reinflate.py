#!/usr/bin/env python
"""Prints what kerchunk 0.2.7 makes of a deflated store and a chunk index, for the axes of kerchunk's own tests.

  reinflate.py FOLDER INDEX.parquet

FOLDER holds zarr_tree_store.json.gz. One JSON line for each kind of aggregation: {"aggregation": ..., "refs": ...}.
"""

import json
import sys
import warnings

import pandas as pd
import pyarrow.parquet
from kerchunk.grib2 import AggregationType, read_store, reinflate_grib_store

warnings.filterwarnings("ignore")


def moments(*texts, name):
    return pd.DatetimeIndex(texts, name=name)


def hourly(start, end, name):
    return pd.date_range(start, end, freq="60min", name=name)


def steps(end, minutes):
    return pd.timedelta_range("0 min", f"{end} min", freq=f"{minutes} min", name="step")


AXES = {
    "horizon": [
        pd.Index([pd.TimedeltaIndex(["0 min"]), pd.TimedeltaIndex(["60 min"])], name="step"),
        hourly("2023-09-28T00:00", "2023-09-28T03:00", "valid_time"),
    ],
    "valid_time": [steps(300, 60), moments("2023-09-28T02:00", "2023-09-28T04:00", name="valid_time")],
    "run_time": [steps(120, 15), moments("2023-09-28T00:00", "2023-09-28T02:00", name="time")],
    "best_available": [
        hourly("2023-09-28T00:00", "2023-09-28T10:00", "valid_time"),
        moments("2023-09-28T02:00", name="time"),
    ],
}


def main():
    folder, index = sys.argv[1:]
    writer = pyarrow.parquet.read_metadata(index).created_by
    chunks = pd.read_parquet(index, engine="fastparquet" if writer.startswith("fastparquet") else "pyarrow")
    for name, axes in AXES.items():
        store = reinflate_grib_store(axes, AggregationType(name), chunks, read_store(folder))
        print(json.dumps({"aggregation": name, "refs": store["refs"]}))


main()
