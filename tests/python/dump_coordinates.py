"""Where ecCodes places the points of every grid below a folder, on stdout.

    dump_coordinates.py SCRATCH FOLDER

Compressed files are unpacked into SCRATCH. For each section 3 that differs from those before one line of JSON, then
`latitudes` and `longitudes` numbers as little-endian f64: of regular grids the distinct ones, of others one for each
point. A grid that ecCodes cannot place has an `error` and no numbers.
"""

import json
import sys

import eccodes
import numpy as np
from dump_values import messages

CRASHES = ("jedarden__gribtract/gfs_gaussian_gdt40_drt0.grib2",)
AXES = ("regular_ll", "regular_gg")


def main(scratch, folder):
    seen = set()
    for line, handle in messages(scratch, folder):
        try:
            key = (eccodes.codes_get(handle, "md5GridSection"), eccodes.codes_get(handle, "gridType", str))
        except eccodes.CodesInternalError:
            continue
        if key not in seen:
            seen.add(key)
            grid(line, handle, key[1])


def grid(line, handle, grid_type):
    prefix = "distinctL" if grid_type in AXES else "l"
    line |= {"gridType": grid_type, "latitudes": 0, "longitudes": 0}
    line["scanningMode"] = eccodes.codes_get(handle, "scanningMode") if eccodes.codes_is_defined(handle, "scanningMode") else 0
    found = [np.empty(0)] * 2
    try:
        if line["file"] in CRASHES:
            raise eccodes.CodesInternalError("ecCodes crashes")
        found = [eccodes.codes_get_array(handle, prefix + name) for name in ("atitudes", "ongitudes")]
        line["latitudes"], line["longitudes"] = map(len, found)
    except eccodes.CodesInternalError as error:
        line["error"] = str(error)
    out = sys.stdout.buffer
    out.write(json.dumps(line).encode() + b"\n")
    for numbers in found if "error" not in line else ():
        out.write(numbers.astype("<f8").tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
