#!/usr/bin/env python
"""Whether a file has the layout that xarray gives to ICPAC's product, attribute for attribute.

  check_layout.py FILE.nc GOLDEN.nc

GOLDEN holds one variable; what is said of a date, and the lengths of dimensions, are those of FILE.
"""

import json
import re
import sys

import netCDF4
import numpy as np

GLOBAL = ["title", "institution", "source", "model_date", "model_run", "forecast_hours", "n_ensemble_members", "history"]


def main():
    file, golden = (netCDF4.Dataset(path) for path in sys.argv[1:])
    assert file.data_model == golden.data_model
    assert file.ncattrs() == GLOBAL, file.ncattrs()
    names = list(file.variables)
    coordinates = ["time", "valid_time", "latitude", "longitude"]
    assert names[:4] == coordinates and list(file.dimensions) == coordinates, names
    for name in coordinates:
        same(file[name], golden[name])
    for name in names[4:]:
        base, kind = re.fullmatch(r"(.+)_ensemble_(mean|standard_deviation)", name).groups()
        same(file[name], golden["tp_ensemble_mean"])
        assert file[name].long_name == f"{base} ensemble {kind.replace('_', ' ')}", file[name].long_name
    print(json.dumps({"variables": names, "attributes": {name: str(file.getncattr(name)) for name in GLOBAL}}))


def same(found, wanted):
    assert found.dtype == wanted.dtype and found.dimensions == wanted.dimensions, found
    assert found.filters() == wanted.filters() and found.endian() == wanted.endian(), (found.filters(), wanted.filters())
    chunks = "contiguous" if wanted.chunking() == "contiguous" else list(found.shape)
    assert found.chunking() == chunks, found.chunking()
    says = lambda it: {name: text(it.getncattr(name)) for name in it.ncattrs() if name != "long_name"}  # noqa: E731
    assert says(found) == says(wanted), (says(found), says(wanted))
    types = lambda it: {name: type(it.getncattr(name)) for name in it.ncattrs() if name != "long_name"}  # noqa: E731
    assert types(found) == types(wanted), (types(found), types(wanted))


def text(value):
    if isinstance(value, (float, np.floating)):
        return str(value)
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", str(value))


if __name__ == "__main__":
    main()
