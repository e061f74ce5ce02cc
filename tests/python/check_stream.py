#!/usr/bin/env python
"""Holds a file of `gik stream` against ecCodes, numpy and the formula that the archive was made from.

  check_stream.py FILE --archive BUCKET --system ecmwf --date 20260706 --members 0-3 --grid 9 --hours 36,39
  check_stream.py FILE ... --rain 24     # amounts of 24 hours instead of the fields themselves, in mm
  check_stream.py FILE ... --amounts 3   # amounts of 3 hours, in the archive's own unit

FILE is NetCDF, opened with netCDF4 and with h5netcdf, or a Zarr store. Every variable `{name}_ensemble_mean` (and deviation, extremes,
count, quantiles, probabilities) is computed again: messages decoded by ecCodes, statistics by numpy over members in 64 bits. The exact
fields of the formula must be met within the rounding of the packing.
"""

import argparse
import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
from archive import ecmwf, gefs  # noqa: E402

# Name in the file: what ecCodes calls it, level, and the formula's name and level type.
ECMWF = {name: (name, 0, name, "sfc") for name in ("tp", "sp", "ssr", "ssrd", "sf", "ro", "tcw", "tcwv", "tcc")}
ECMWF |= {"t2m": ("2t", 2, "2t", "sfc"), "u700": ("u", 700, "u", "pl"), "v700": ("v", 700, "v", "pl")}
GEFS = {"tp": ("tp", 0, "APCP", "surface"), "t2m": ("2t", 2, "TMP", "2 m above ground")}


def main():
    warnings.simplefilter("ignore")
    arguments = parsed()
    fields = decoded(arguments)
    checked = 0
    for dataset in opened(arguments.file):
        checked += compared(dataset, fields, arguments)
    print(json.dumps({"checked": checked, "variables": sorted(dataset.data_vars)}))


def opened(file):
    if file.endswith(".zarr"):
        yield xr.open_zarr(file, consolidated=True, decode_timedelta=False).load()
        yield xr.open_zarr(file, consolidated=False, decode_timedelta=False).load()
        return
    for engine in ("netcdf4", "h5netcdf"):
        yield xr.open_dataset(file, engine=engine, decode_timedelta=False).load()


def decoded(arguments):
    """(shortName, level, hour, member): values, of every message of the archive's files at these hours."""
    import eccodes

    fields = {}
    for file in sorted(Path(arguments.archive).rglob("*")):
        hour = hour_of(file.name)
        if hour is None or hour not in arguments.read or arguments.date not in str(file):
            continue
        with open(file, "rb") as handle:
            while (message := eccodes.codes_grib_new_from_file(handle)) is not None:
                get = lambda key: eccodes.codes_get(message, key)  # noqa: E731
                member = get("number") if eccodes.codes_is_defined(message, "number") else 0
                eccodes.codes_set(message, "missingValue", 1e30)
                values = eccodes.codes_get_array(message, "values").reshape(get("Nj"), get("Ni"))
                key = (get("shortName"), get("level"), hour, member)
                fields[key] = np.where(values == 1e30, np.nan, values)
                eccodes.codes_release(message)
    return fields


def hour_of(name):
    found = re.search(r"-(\d+)h-.*\.grib2$", name) or re.search(r"\.f(\d{3})$", name)
    return int(found[1]) if found else None


def compared(dataset, fields, arguments):
    names = ECMWF if arguments.system == "ecmwf" else GEFS
    grid = degrees(arguments)
    rows, columns = places(dataset, grid)
    assert dataset.sizes["valid_time"] == len(arguments.hours), dataset.sizes
    run = np.datetime64(f"{arguments.date[:4]}-{arguments.date[4:6]}-{arguments.date[6:]}T00")
    expected = [run + np.timedelta64(hour, "h") for hour in arguments.hours]
    assert (dataset.valid_time.values == np.array(expected, "datetime64[ns]")).all(), dataset.valid_time
    checked = 0
    for name, variable in dataset.data_vars.items():
        split = re.match(r"(.+?)_(ensemble|probability)_(.+)", name)
        plain = name in names and "number" in dataset.dims
        if not split and not plain:
            continue
        base = split[1] if split else name
        for place, hour in enumerate(arguments.hours):
            members, exact, tolerance = stack(base, names[base], fields, hour, arguments)
            members, exact = members[:, rows][:, :, columns], exact[:, rows][:, :, columns]
            found = variable.values[0, :, place] if plain else variable.values[0, place]
            of = (lambda it: it) if plain else (lambda it: statistic(split, it))
            if arguments.too_few and hour in arguments.too_few:
                assert np.isnan(found).all(), (name, hour)
                continue
            wanted = of(members)
            scale = np.nanmax(np.abs(members)) or 1.0
            assert found.shape == wanted.shape, (name, found.shape, wanted.shape)
            assert (np.isnan(found) == np.isnan(wanted)).all(), name
            off = np.nanmax(np.abs(found - wanted))
            limit = 4e-7 * (100 if "probability" in name else scale)
            assert off <= limit, (name, hour, off, scale)
            if "probability" not in name and "count" not in name:
                off = np.nanmax(np.abs(found - of(exact)))
                assert off <= 2.1 * tolerance + limit, (name, hour, off, tolerance)
            checked += found.size
    return checked


def statistic(split, members):
    word = split[3]
    if split[2] == "probability":
        compare, threshold = word.split("_", 1)
        of = {"gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal}[compare]
        return 100.0 * of(members.astype("f4"), float(threshold)).sum(0) / (~np.isnan(members)).sum(0)
    if word.startswith("p") and word[1:].replace(".", "").isdigit():
        return np.nanpercentile(members, float(word[1:]), axis=0)
    of = {"mean": np.nanmean, "standard_deviation": np.nanstd, "minimum": np.nanmin, "maximum": np.nanmax}
    if word == "count":
        return (~np.isnan(members)).sum(0)
    return of[word](members, axis=0)


def stack(base, names, fields, hour, arguments):
    """The members as decoded and as the formula has them, and how far apart they may be."""
    short, level, param, levtype = names
    terms = [(1, hour)]
    if arguments.rain or arguments.amounts:
        terms = windows(arguments, hour)
    scale = 1000.0 if arguments.rain and arguments.system == "ecmwf" else 1.0
    found, exact, tolerance = [], [], 0.0
    for member in arguments.members:
        if member in arguments.absent:
            continue
        found.append(scale * sum(sign * fields[(short, level, at, member)] for sign, at in terms))
        formula = 0.0
        tolerance = 0.0
        for sign, at in terms:
            if arguments.system == "ecmwf":
                kind = "accum" if short in ("tp", "ssr", "ssrd", "sf", "ro") else "instant"
                pressure = level if levtype == "pl" else None
                values, off = ecmwf.expected(arguments.date, at, member, param, levtype, pressure, kind, arguments.grid)
            else:
                values, off = gefs.expected(arguments.date, at, member, param, levtype, arguments.grid)
            formula, tolerance = formula + sign * values, tolerance + off
        exact.append(scale * formula)
    found, exact = np.array(found), np.array(exact)
    if arguments.rain:
        found, exact = np.maximum(found, 0), np.maximum(exact, 0)
    return found, exact, scale * tolerance


def windows(arguments, hour):
    """By hand: totals from the start are a difference, buckets of six hours are four of them."""
    start = hour - (arguments.rain or arguments.amounts)
    if arguments.system == "ecmwf":
        return [(1, hour)] + ([(-1, start)] if start else [])
    return [(1, at) for at in range(start + 6, hour + 1, 6)]


def degrees(arguments):
    where = ecmwf.grid(arguments.grid, ecmwf.FIRST_LONGITUDE) if arguments.system == "ecmwf" else gefs.grid(arguments.grid, 0.0)
    return where


def places(dataset, grid):
    rows = [int(np.argmin(np.abs(grid.latitudes - value))) for value in dataset.latitude.values]
    assert np.allclose(grid.latitudes[rows], dataset.latitude.values)
    off = lambda value: np.abs((grid.longitudes - value + 180) % 360 - 180)  # noqa: E731
    columns = [int(np.argmin(off(value))) for value in dataset.longitude.values]
    assert all(off(value).min() < 1e-6 for value in dataset.longitude.values)
    assert (np.diff(dataset.longitude.values) > 0).all()
    return rows, columns


def numbers(text):
    found = []
    for part in text.split(",") if text else []:
        bounds, _, by = part.partition(":")
        first, _, last = bounds.partition("-")
        found += range(int(first), int(last or first) + 1, int(by or 1))
    return found


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--archive", required=True)
    parser.add_argument("--system", choices=("ecmwf", "gefs"), required=True)
    parser.add_argument("--date", required=True)
    parser.add_argument("--members", type=numbers, required=True)
    parser.add_argument("--absent", type=numbers, default=[], help="members without messages")
    parser.add_argument("--too-few", type=numbers, default=[], help="hours of which nothing is said")
    parser.add_argument("--grid", type=float, required=True)
    parser.add_argument("--hours", type=numbers, required=True)
    parser.add_argument("--rain", type=int, default=0)
    parser.add_argument("--amounts", type=int, default=0)
    arguments = parser.parse_args()
    arguments.read = set(range(0, max(arguments.hours) + 1)) if arguments.rain or arguments.amounts else set(arguments.hours)
    return arguments


if __name__ == "__main__":
    main()
