#!/usr/bin/env python
"""The usage examples of the request, run on stores of this project: seed_examples.py gep01.parquet gep01.json

Their indexing is mended where it could not work: `step` is a duration, and 2 m temperature is `t2m` on `heightAboveGround`.
The region is taken as their readers take it: latitudes from north to south. Prints one JSON object.
"""

import json
import sys

import fsspec
import numpy as np
import pandas as pd
import xarray as xr


def read_parquet_fixed(path):
    """As the readers of the published files do: text per key, JSON where it is a list."""
    frame = pd.read_parquet(path)
    values = ((key, value.decode() if isinstance(value, bytes) else value) for key, value in frame[["key", "value"]].values)
    return {key: json.loads(value) if value.startswith("[") and value.endswith("]") else value for key, value in values}


def main():
    parquet, document = sys.argv[1:]
    zstore = read_parquet_fixed(parquet)
    fs = fsspec.filesystem("reference", fo=zstore, remote_protocol="file")
    dt = xr.open_datatree(fs.get_mapper(""), engine="zarr", consolidated=False)
    tp_data = dt["/tp/accum/surface"].ds["tp"]
    hours = np.timedelta64(12, "h")
    ea_tp = tp_data.sel(latitude=slice(15, -12), longitude=slice(25, 52), step=hours).compute()
    t2m = dt["/t2m/instant/heightAboveGround"].ds["t2m"].sel(step=hours).compute()
    # Engine `kerchunk` on zarr 2.
    options = {"group": "tp/accum/surface"}
    by_engine = xr.open_dataset(
        document, engine="kerchunk", storage_options={"remote_protocol": "file"}, open_dataset_options=options
    )
    same = by_engine["tp"].sel(latitude=slice(15, -12), longitude=slice(25, 52), step=hours).compute()
    report = {
        "latitude": ea_tp["latitude"].values.tolist(),
        "longitude": ea_tp["longitude"].values.tolist(),
        "finite": bool(np.isfinite(ea_tp.values).all()),
        "same": bool((same.values == ea_tp.values).all()),
        "mean_t2m": float(t2m.mean()),
        "valid_time": str(ea_tp["valid_time"].values.astype("datetime64[s]")),
    }
    print(json.dumps(report))


main()
