"""What ecCodes decodes from every GRIB2 field below a folder, on stdout.

    dump_values.py SCRATCH FOLDER

Compressed files are unpacked into SCRATCH. For each field one line of JSON, then `count` values as little-endian f64 (NaN where missing), in rows: alternating
rows turned, columns transposed. A field that ecCodes cannot decode has an `error` and no values.
"""

import json
import lzma
import os
import sys

import eccodes
import numpy as np

MISSING = -7.6543211e37


def main(scratch, folder):
    for line, handle in messages(scratch, folder):
        field(line, handle)


def messages(scratch, folder):
    """Each field of edition 2 with its place: file, path, offset, number of the field."""
    eccodes.codes_grib_multi_support_on()
    for path in sorted(files(folder)):
        with open(path, "rb") as opened:
            octets = opened.read()
        plain = path
        if path.endswith(".xz"):
            octets = lzma.decompress(octets)
            plain = os.path.join(scratch, os.path.relpath(path, folder).replace("/", "__"))
            with open(plain, "wb") as written:
                written.write(octets)
        if b"GRIB" in octets:
            yield from messages_of(os.path.relpath(path, folder), plain)


def files(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def messages_of(name, path):
    seen = {}
    with open(path, "rb") as opened:
        while True:
            try:
                handle = eccodes.codes_grib_new_from_file(opened)
            except eccodes.CodesInternalError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            if handle is None:
                break
            if eccodes.codes_get(handle, "edition") == 2:
                offset = int(eccodes.codes_get(handle, "offset"))
                seen[offset] = seen.get(offset, 0) + 1
                yield {"file": name, "path": path, "offset": offset, "field": seen[offset]}, handle
            eccodes.codes_release(handle)


def field(line, handle):
    line["count"] = 0
    values = np.empty(0)
    try:
        eccodes.codes_set(handle, "missingValue", MISSING)
        values = arranged(handle, eccodes.codes_get_values(handle))
        values[values == MISSING] = np.nan
        line["count"] = len(values)
    except eccodes.CodesInternalError as error:
        line["error"] = str(error)
    out = sys.stdout.buffer
    out.write(json.dumps(line).encode() + b"\n")
    out.write(values.astype("<f8").tobytes())


def arranged(handle, values):
    def flag(key):
        return eccodes.codes_is_defined(handle, key) and eccodes.codes_get(handle, key) == 1

    if not flag("alternativeRowScanning") and not flag("jPointsAreConsecutive"):
        return values
    rows, columns = eccodes.codes_get(handle, "Nj"), eccodes.codes_get(handle, "Ni")
    if flag("jPointsAreConsecutive"):
        rows, columns = columns, rows
    values = values.reshape(rows, columns)
    if flag("alternativeRowScanning"):
        values[1::2] = values[1::2, ::-1].copy()
    if flag("jPointsAreConsecutive"):
        values = values.T
    return values.ravel().copy()


if __name__ == "__main__":
    main(*sys.argv[1:])
