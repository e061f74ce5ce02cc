"""Messages of every packing that ecCodes can write, for values that are hard on a decoder.

    encode_values.py FOLDER

Each message is a file of its own with the values that were packed beside it (`.f64`, little endian, NaN where
missing). What ecCodes refuses to write is printed with its reason.
"""

import os
import sys

import eccodes
import numpy as np

MISSING = 9999.0
ROWS, COLUMNS = 16, 31
RNG = np.random.default_rng(20260101)


def smooth(rows, columns):
    y, x = np.mgrid[0:rows, 0:columns]
    return 270 + 20 * np.sin(x / 9.0) * np.cos(y / 7.0) + RNG.normal(0, 0.1, (rows, columns))


def with_holes(values, share):
    holed = values.copy().ravel()
    holed[RNG.random(holed.size) < share] = np.nan
    return holed.reshape(values.shape)


def data():
    """name -> values, NaN where missing."""
    base = smooth(ROWS, COLUMNS)
    zeros = np.where(base > 275, base - 275, 0.0)
    return {
        "smooth": base,
        "constant": np.full((ROWS, COLUMNS), 271.25),
        "zero": np.zeros((ROWS, COLUMNS)),
        "negative": base - 300,
        "rain": zeros / 1000,
        "huge": base * 10.0 ** RNG.integers(-12, 12, (ROWS, COLUMNS)),
        "tiny": base * 1e-25,
        "jumps": np.where(RNG.random((ROWS, COLUMNS)) < 0.1, 1e6, base),
        "bitmap": with_holes(base, 0.3),
        "blocks": np.where(np.mgrid[0:ROWS, 0:COLUMNS][1] % 10 < 5, base, np.nan),
        "constant-bitmap": with_holes(np.full((ROWS, COLUMNS), -3.5), 0.5),
        "one-left": one_left(base),
        "all-missing": np.full((ROWS, COLUMNS), np.nan),
        "one-point": np.full((1, 1), 281.5),
        "two-points": np.array([[1.0, -7.0]]),
        "large": smooth(120, 210),
        "large-rain": np.maximum(smooth(120, 210) - 275, 0),
        "large-bitmap": with_holes(smooth(120, 210), 0.2),
    }


def one_left(values):
    left = np.full_like(values, np.nan)
    left[3, 4] = values[3, 4]
    return left


def packings():
    """name -> keys to set before the values."""
    found = {"ieee32": [("packingType", "grid_ieee"), ("precision", 1)],
             "ieee64": [("packingType", "grid_ieee"), ("precision", 2)]}
    for bits in (1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 19, 23, 24, 25, 28, 31, 32):
        for name, keys in {
            "simple": [("packingType", "grid_simple")],
            "complex": [("packingType", "grid_complex")],
            "differenced1": [("packingType", "grid_complex_spatial_differencing"), ("orderOfSpatialDifferencing", 1)],
            "differenced2": [("packingType", "grid_complex_spatial_differencing"), ("orderOfSpatialDifferencing", 2)],
            "jpeg": [("packingType", "grid_jpeg")],
            "png": [("packingType", "grid_png")],
            "ccsds": [("packingType", "grid_ccsds")],
            "second": [("packingType", "grid_second_order")],
        }.items():
            if (name, bits) != ("jpeg", 32):  # ecCodes aborts
                found[f"{name}-{bits}"] = [*keys, ("bitsPerValue", bits)]
    for name, bits, flags, block, interval in (
        ("plain", 12, 0, 32, 128), ("unprocessed", 12, 4, 16, 16), ("short", 20, 14, 8, 3),
        ("pad", 16, 14 | 32, 64, 4096), ("restricted", 2, 8 | 16, 32, 128), ("restricted4", 4, 8 | 16, 16, 64),
        ("restricted1", 1, 16, 8, 300), ("msb", 24, 4 | 8, 32, 128), ("three", 24, 2 | 8, 32, 128),
    ):  # more than one padded interval cannot be tested: ecCodes sets the flag but does not pad
        found[f"ccsds-{name}"] = [("packingType", "grid_ccsds"), ("bitsPerValue", bits), ("ccsdsFlags", flags),
                                  ("ccsdsBlockSize", block), ("ccsdsRsi", interval)]
    for decimal in (-2, 1, 3):
        for name in ("simple", "ccsds", "jpeg", "complex"):
            found[f"{name}-decimal{decimal}"] = [("packingType", "grid_" + name), ("bitsPerValue", 0),
                                                 ("decimalScaleFactor", decimal), ("bitsPerValue", 16)]
    return found


def encode(values, keys, managed):
    handle = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
    rows, columns = values.shape
    eccodes.codes_set(handle, "Ni", columns)
    eccodes.codes_set(handle, "Nj", rows)
    holes = np.isnan(values)
    for key, value in keys:
        eccodes.codes_set(handle, key, value)
    eccodes.codes_set(handle, "missingValue", MISSING)
    if managed:
        eccodes.codes_set(handle, "missingValueManagementUsed", 1)
    elif holes.any():
        eccodes.codes_set(handle, "bitmapPresent", 1)
    eccodes.codes_set_values(handle, np.where(holes, MISSING, values).ravel())
    message = eccodes.codes_get_message(handle)
    eccodes.codes_release(handle)
    return message


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for values_name, values in data().items():
        for packing, keys in packings().items():
            complex_packing = packing.startswith(("complex", "differenced"))
            for managed in (False, True) if complex_packing and np.isnan(values).any() else (False,):
                name = f"{values_name}--{packing}" + ("-managed" if managed else "")
                try:
                    message = encode(values, keys, managed)
                except eccodes.CodesInternalError as error:
                    print(f"{name}: {error}")
                    continue
                with open(os.path.join(folder, name + ".grib2"), "wb") as written:
                    written.write(message)
                values.ravel().astype("<f8").tofile(os.path.join(folder, name + ".f64"))


if __name__ == "__main__":
    main(sys.argv[1])
