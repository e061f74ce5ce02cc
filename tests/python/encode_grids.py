"""Messages on grids of every kind and scanning mode, written with ecCodes.

    encode_grids.py FOLDER
"""

import os
import sys

import eccodes
import numpy as np

ROWS, COLUMNS = 7, 9
SPHERES = {"sphere": {"shapeOfTheEarth": 6}, "given": {"shapeOfTheEarth": 1, "scaleFactorOfRadiusOfSphericalEarth": 0,
                                                      "scaledValueOfRadiusOfSphericalEarth": 6371200}}
SPHEROIDS = {"wgs84": {"shapeOfTheEarth": 5}, "iau": {"shapeOfTheEarth": 2},
             "axes": {"shapeOfTheEarth": 7, "scaleFactorOfEarthMajorAxis": 0, "scaledValueOfEarthMajorAxis": 6378137,
                      "scaleFactorOfEarthMinorAxis": 1, "scaledValueOfEarthMinorAxis": 63567523}}
SCANS = {"": 0, "-up": 64, "-west": 128, "-columns": 32, "-alternating": 16, "-all": 240}


def degrees(value):
    return round(value * 1e6)


def latlon(first, last, columns=COLUMNS, rows=ROWS, **more):
    return {"template": 0, "Ni": columns, "Nj": rows, "latitudeOfFirstGridPoint": degrees(first[0]),
            "longitudeOfFirstGridPoint": degrees(first[1]), "latitudeOfLastGridPoint": degrees(last[0]),
            "longitudeOfLastGridPoint": degrees(last[1]), **more}


def increments(i, j):
    return {"resolutionAndComponentFlags": 48, "iDirectionIncrement": degrees(i), "jDirectionIncrement": degrees(j)}


def grids():
    """name -> keys of section 3."""
    found = {
        "ecmwf": latlon((90, 180), (-90, 179), 360, 181, **increments(1, 1)),
        "gfs": latlon((90, 0), (-90, 359.75), 1440, 721, **increments(0.25, 0.25)),
        "across": latlon((30, 350), (-30, 10), 21, 61, **increments(1, 1)),
        "east-africa": latlon((24, 20), (-14, 54), 137, 153, **increments(0.25, 0.25)),
        "fine": latlon((60.05, 5.1), (50.05, 15.1), 101, 101, **increments(0.1, 0.1)),
        "rounded": latlon((89.999999, 0), (0, 119.666667), 180, 7, **increments(0.666667, 15)),
        "unsaid": latlon((30, -20), (-30, 40), resolutionAndComponentFlags=0),
        "one-column": latlon((10, 5), (-10, 5), 1, 5, **increments(1, 5)),
        "one-row": latlon((10, 5), (10, 13), 9, 1, **increments(1, 1)),
        "round": latlon((10, 0), (4, 0), 9, 7, **increments(45, 1)),
        "thirds": latlon((60, 0), (0, 240), 3, 3, basicAngleOfTheInitialProductionDomain=180,
                         subdivisionsOfBasicAngle=3, resolutionAndComponentFlags=0) | {
            "latitudeOfFirstGridPoint": 1, "latitudeOfLastGridPoint": -1, "longitudeOfLastGridPoint": 4},
        "rotated": latlon((-10, -12), (12, 15), template=1, latitudeOfSouthernPole=degrees(-36.1),
                          longitudeOfSouthernPole=degrees(15.3), angleOfRotation=0, scanningMode=64, **increments(3.375, 22 / 6)),
        "rotated-angle": latlon((12, -12), (-10, 15), template=1, latitudeOfSouthernPole=degrees(-50),
                                longitudeOfSouthernPole=degrees(350), angleOfRotation=7.5, **increments(3.375, 22 / 6)),
        "gaussian": {"template": 40, "Ni": 128, "Nj": 64, "N": 32, "latitudeOfFirstGridPoint": 87863799,
                     "longitudeOfFirstGridPoint": 0, "latitudeOfLastGridPoint": -87863799,
                     "longitudeOfLastGridPoint": 357187500, "resolutionAndComponentFlags": 48,
                     "iDirectionIncrement": 2812500},
        "gaussian-part": {"template": 40, "Ni": 11, "Nj": 5, "N": 32, "latitudeOfFirstGridPoint": 29301360,
                          "longitudeOfFirstGridPoint": 5625000, "latitudeOfLastGridPoint": 18138630,
                          "longitudeOfLastGridPoint": 33750000, "resolutionAndComponentFlags": 48,
                          "iDirectionIncrement": 2812500},
    }
    for scan, flags in SCANS.items():
        first, last = (30.0, -20.0), (-30.0, 40.0)
        if flags & 64:
            first, last = (last[0], first[1]), (first[0], last[1])
        if flags & 128:
            first, last = (first[0], last[1]), (last[0], first[1])
        found["scan" + scan] = latlon(first, last, scanningMode=flags, **increments(7.5, 10))
    plane = {"Nx": COLUMNS, "Ny": ROWS, "Dx": 50_000_000, "Dy": 40_000_000, "resolutionAndComponentFlags": 0,
             "scanningMode": 64}
    for name, earth in {**SPHERES, **SPHEROIDS}.items():
        found["mercator-" + name] = {"template": 10, "Ni": COLUMNS, "Nj": ROWS, "latitudeOfFirstGridPoint": degrees(-20.5),
                                     "longitudeOfFirstGridPoint": degrees(190), "LaD": degrees(20),
                                     "latitudeOfLastGridPoint": degrees(30), "longitudeOfLastGridPoint": degrees(230),
                                     "scanningMode": 64, "orientationOfTheGrid": 0, "Di": 50_000_000, "Dj": 40_000_000,
                                     **earth}
        for kind, (secants, true, first) in {"two": ((33, 45), 39, (20.2, 239.5)), "one": ((25, 25), 25, (12.19, 226.5)),
                                             "south": ((-30, -60), -45, (-50, 130))}.items():
            found[f"lambert-{kind}-{name}"] = {"template": 30, **plane, "latitudeOfFirstGridPoint": degrees(first[0]),
                                               "longitudeOfFirstGridPoint": degrees(first[1]), "LaD": degrees(true),
                                               "LoV": degrees(265 if first[0] > 0 else 140), "projectionCentreFlag": 0,
                                               "Latin1": degrees(secants[0]), "Latin2": degrees(secants[1]),
                                               "latitudeOfSouthernPole": degrees(-90), "longitudeOfSouthernPole": 0, **earth}
    for name, earth in SPHERES.items():
        for kind, (true, first, flag) in {"north": (60, (20.8, 215), 0), "pole": (90, (40, 225), 0),
                                          "south": (-60, (-45, 100), 128)}.items():
            found[f"polar-{kind}-{name}"] = {"template": 20, **plane, "latitudeOfFirstGridPoint": degrees(first[0]),
                                             "longitudeOfFirstGridPoint": degrees(first[1]), "LaD": degrees(true),
                                             "orientationOfTheGrid": degrees(249 if true > 0 else 0),
                                             "projectionCentreFlag": flag, **earth}
    space = {"template": 90, "Nx": 40, "Ny": 30, "latitudeOfSubSatellitePoint": 0, "longitudeOfSubSatellitePoint": degrees(9.5),
             "resolutionAndComponentFlags": 0, "dx": 36, "dy": 36, "Xp": 20_000, "Yp": 15_500, "orientationOfTheGrid": 0,
             "Nr": 6_610_700, "Xo": 0, "Yo": 0}
    for scan, flags in {"": 0, "-up": 64, "-west": 128, "-both": 192}.items():
        found["space" + scan] = {**space, "scanningMode": flags, "shapeOfTheEarth": 6}
    found["space-sector"] = {**space, "Xp": 120_000, "Yp": 80_000, "Xo": 95, "Yo": 60, "scanningMode": 0, "shapeOfTheEarth": 5}
    return found


def encode(keys):
    handle = eccodes.codes_grib_new_from_samples("GRIB2")
    keys = dict(keys)
    eccodes.codes_set(handle, "gridDefinitionTemplateNumber", keys.pop("template"))
    for key, value in keys.items():
        eccodes.codes_set(handle, key, value)
    points = (keys.get("Ni") or keys["Nx"]) * (keys.get("Nj") or keys["Ny"])
    return message(handle, points)


def message(handle, points):
    eccodes.codes_set(handle, "numberOfDataPoints", points)
    eccodes.codes_set(handle, "bitsPerValue", 16)
    eccodes.codes_set_values(handle, np.arange(points, dtype=float))
    octets = eccodes.codes_get_message(handle)
    eccodes.codes_release(handle)
    return octets


def reduced():
    """Reduced Gaussian grids: all around the globe, and parts of it."""
    for name, (west, east) in {"globe": (0.0, None), "europe": (-15.0, 40.0), "africa": (5.5, 60.25), "circle": (90.0, 89.0)}.items():
        handle = eccodes.codes_grib_new_from_samples("reduced_gg_pl_32_grib2")
        pl = eccodes.codes_get_array(handle, "pl")
        latitudes = eccodes.codes_get_array(handle, "distinctLatitudes")
        if east is None:
            yield name, message(handle, int(pl.sum()))
            continue
        rows = slice(8, 40)
        eccodes.codes_set(handle, "Nj", len(pl[rows]))
        eccodes.codes_set_array(handle, "pl", pl[rows])
        eccodes.codes_set(handle, "latitudeOfFirstGridPointInDegrees", latitudes[rows][0])
        eccodes.codes_set(handle, "latitudeOfLastGridPointInDegrees", latitudes[rows][-1])
        eccodes.codes_set(handle, "longitudeOfFirstGridPointInDegrees", west)
        eccodes.codes_set(handle, "longitudeOfLastGridPointInDegrees", east)
        yield name, message(handle, eccodes.codes_get(handle, "numberOfDataPointsExpected"))


def main(folder):
    os.makedirs(folder, exist_ok=True)
    written = {name: encode(keys) for name, keys in grids().items()}
    written |= {"reduced-" + name: octets for name, octets in reduced()}
    for name, octets in written.items():
        with open(os.path.join(folder, name + ".grib2"), "wb") as out:
            out.write(octets)


if __name__ == "__main__":
    main(sys.argv[1])
