"""Writes the messages of the decode benchmark with ecCodes, and times ecCodes on them.

    bench_decode.py write DIR        721x1440 messages, one file for each packing
    bench_decode.py time DIR [N]     JSON: {file: CPU milliseconds of the median of N decodes}

Synthetic: a smooth field with small-scale noise whose packed size is that of real 2 m temperature
(ECMWF 5.42: about 5 bits a value; GEFS 5.3: about 6).
"""

import json
import os
import sys
import time

import eccodes
import numpy as np

ROWS, COLUMNS = 721, 1440

# name -> (packingType, bits)
PACKINGS = {
    "ccsds16": ("grid_ccsds", 16),
    "differenced2": ("grid_complex_spatial_differencing", 16),
    "simple12": ("grid_simple", 12),
    "simple16": ("grid_simple", 16),
    "jpeg": ("grid_jpeg", 16),
}


def field():
    """Kelvin; red noise of slope -3 over a gradient from pole to pole."""
    rng = np.random.default_rng(721)
    white = np.fft.rfft2(rng.standard_normal((ROWS, COLUMNS)))
    ky = np.fft.fftfreq(ROWS)[:, None] * ROWS
    kx = np.fft.rfftfreq(COLUMNS)[None, :] * COLUMNS
    power = (1.0 + kx * kx + ky * ky) ** -1.15
    red = np.fft.irfft2(white * power, s=(ROWS, COLUMNS))
    latitude = np.linspace(90, -90, ROWS)[:, None]
    return 300 - 60 * np.sin(np.radians(latitude)) ** 2 + red * (6 / red.std())


def write(directory):
    os.makedirs(directory, exist_ok=True)
    values = field().ravel()
    for name, (packing, bits) in PACKINGS.items():
        handle = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
        for key, value in {
            "Ni": COLUMNS, "Nj": ROWS,
            "latitudeOfFirstGridPointInDegrees": 90, "latitudeOfLastGridPointInDegrees": -90,
            "longitudeOfFirstGridPointInDegrees": 0, "longitudeOfLastGridPointInDegrees": 359.75,
            "iDirectionIncrementInDegrees": 0.25, "jDirectionIncrementInDegrees": 0.25,
        }.items():
            eccodes.codes_set(handle, key, value)
        eccodes.codes_set(handle, "packingType", packing)
        eccodes.codes_set(handle, "bitsPerValue", bits)
        if packing == "grid_complex_spatial_differencing":
            eccodes.codes_set(handle, "orderOfSpatialDifferencing", 2)
        eccodes.codes_set_values(handle, values)
        with open(os.path.join(directory, name + ".grib2"), "wb") as out:
            eccodes.codes_write(handle, out)
        eccodes.codes_release(handle)


def time_all(directory, repeats):
    result = {}
    for name in sorted(os.listdir(directory)):
        if not name.endswith(".grib2"):
            continue
        with open(os.path.join(directory, name), "rb") as file:
            message = file.read()
        taken = []
        for _ in range(repeats):
            handle = eccodes.codes_new_from_message(message)
            start = time.process_time_ns()
            eccodes.codes_get_values(handle)
            taken.append(time.process_time_ns() - start)
            eccodes.codes_release(handle)
        result[name] = sorted(taken)[len(taken) // 2] / 1e6
    return result


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        json.dump(time_all(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 15), sys.stdout, indent=1)
