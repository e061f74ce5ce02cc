"""Compares what `gik decode` wrote with what ecCodes decodes.

    same_decoded.py FOLDER

FOLDER/cases.json lists for each field its file, offset and number there, and the stem of what gik wrote: STEM.f4.npy,
STEM.f8.npy, STEM.csv, STEM.json, STEM.stats.json. Without a CSV the grid must be one that gik does not place.
"""

import csv
import json
import sys
from pathlib import Path

import eccodes
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from dump_values import MISSING, arranged, messages_of  # noqa: E402

NAMES = ["shortName", "name", "units", "typeOfLevel", "stepType"]


def main(folder):
    folder = Path(folder)
    cases = json.loads((folder / "cases.json").read_text())
    wanted = {(case["file"], case["offset"], case["field"]): case["stem"] for case in cases}
    eccodes.codes_grib_multi_support_on()
    count = {"fields": 0, "values": 0, "missing": 0, "placed": 0}
    for file in sorted({case["file"] for case in cases}):
        for place, handle in messages_of(file, file):
            stem = wanted.pop((file, place["offset"], place["field"]), None)
            if stem is not None:
                try:
                    compare(folder, stem, handle, count)
                except AssertionError as error:
                    sys.exit(f"{file} at {place['offset']}, field {place['field']}: {error}")
    assert not wanted, f"ecCodes does not find {wanted}"
    print(json.dumps(count))


def compare(folder, stem, handle, count):
    eccodes.codes_set(handle, "missingValue", MISSING)
    values = arranged(handle, eccodes.codes_get_values(handle))
    values[values == MISSING] = np.nan
    shape = shape_of(handle, values)

    wide = np.load(folder / f"{stem}.f8.npy", allow_pickle=False)
    assert wide.dtype == np.dtype("<f8") and wide.shape == shape, f"{wide.dtype} {wide.shape}, not {shape}"
    same(wide.ravel(), values, "f8")
    single = np.load(folder / f"{stem}.f4.npy", allow_pickle=False)
    assert single.dtype == np.dtype("<f4") and single.shape == shape, f"{single.dtype} {single.shape}"
    assert np.array_equal(single, wide.astype("<f4"), equal_nan=True), "f4 is not f8 rounded"

    document = json.loads((folder / f"{stem}.json").read_text(), parse_constant=not_json)
    assert tuple(document["shape"]) == shape, document["shape"]
    listed = np.array([np.nan if value is None else value for value in document["values"]], dtype="<f4")
    assert np.array_equal(listed, single.ravel(), equal_nan=True), "JSON"
    for name in NAMES:
        theirs = eccodes.codes_get(handle, name, str)
        assert document[name] == theirs or theirs == "unknown", f"{name}: {document[name]}, not {theirs}"
    if "rowLengths" in document:
        listed, rows = [int(row) for row in eccodes.codes_get_array(handle, "pl")], document["rowLengths"]
        # A part of the globe may list the points of full circles.
        assert rows == listed or sum(listed) > values.size == sum(rows), f"{rows}, not {listed}"

    stats = json.loads((folder / f"{stem}.stats.json").read_text(), parse_constant=not_json)
    missing = int(np.isnan(values).sum())
    assert (stats["count"], stats["missing"]) == (values.size, missing), stats
    if missing < values.size:
        assert (stats["min"], stats["max"]) == (np.nanmin(wide), np.nanmax(wide)), stats
        assert np.isclose(stats["mean"], np.nanmean(wide), rtol=1e-12, atol=1e-300), stats
    else:
        assert stats["min"] is stats["mean"] is stats["max"] is None, stats

    table = folder / f"{stem}.csv"
    if table.exists():
        with open(table, newline="") as opened:
            lines = csv.reader(opened)
            assert next(lines) == ["latitude", "longitude", "value"]
            latitudes, longitudes, written = zip(*lines)
        written = np.array([text or "nan" for text in written], dtype="<f4")
        assert np.array_equal(written, single.ravel(), equal_nan=True), "CSV"
        near = 2e-5 if "rotated" in eccodes.codes_get(handle, "gridType") else 2e-6
        # Points that a satellite sees beside the earth are nowhere.
        places = [[text or "nan" for text in texts] for texts in (latitudes, longitudes)]
        ours = np.array([*places, single.ravel()], dtype="<f8")
        points = eccodes.codes_grib_get_data(handle)
        theirs = np.array([[point[key] for point in points] for key in ("lat", "lon", "value")])
        theirs[2, theirs[2] == MISSING] = np.nan
        scan = eccodes.codes_get(handle, "scanningMode") & 0x30
        if scan:
            # ecCodes goes through such points in an order of its own, and forgets which rows alternate.
            ours, theirs = (points[:, np.lexsort(points[:2].round(3))] for points in (ours, theirs))
        if scan == 0x20:
            same(ours[2], theirs[2], "CSV")
        off = np.abs(ours[:2] - theirs[:2])
        if eccodes.codes_get(handle, "gridType") != "space_view":  # tests/it/coordinates.rs unravels its scanning modes
            off = np.minimum(off, np.abs(off - 360)).max()
            assert off < near, f"coordinates are {off} off"
        count["placed"] += 1
    count["fields"] += 1
    count["values"] += values.size
    count["missing"] += missing


def same(ours, theirs, what):
    """Equal, or in single precision the next number."""
    assert np.array_equal(np.isnan(ours), np.isnan(theirs)), f"{what}: missing values differ"
    low, high = np.minimum(ours, theirs).astype("<f4"), np.maximum(ours, theirs).astype("<f4")
    wrong = np.flatnonzero(~np.isnan(ours) & (high > np.nextafter(low, np.float32(np.inf))))
    assert wrong.size == 0, f"{what}: value {wrong[0]} is {ours[wrong[0]]}, not {theirs[wrong[0]]}"


def shape_of(handle, values):
    kind = eccodes.codes_get(handle, "gridType")
    if kind.startswith("reduced"):
        return values.shape
    columns, rows = (("Nx", "Ny") if eccodes.codes_is_defined(handle, "Nx") else ("Ni", "Nj"))
    return eccodes.codes_get(handle, rows), eccodes.codes_get(handle, columns)


def not_json(word):
    raise AssertionError(f"{word} is no JSON")


if __name__ == "__main__":
    main(sys.argv[1])
