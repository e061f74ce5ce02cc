"""Encodes messages with random sections 1 to 4, and prints what ecCodes calls them, as dump_names.py does.

    encode_random.py OUT.grib2 COUNT SEED
"""
import json, random, sys

import eccodes
from dump_names import names

TEMPLATES = [0, 1, 2, 3, 5, 6, 8, 8, 8, 9, 10, 11, 11, 12, 15, 31, 32, 34, 40, 42, 44, 45, 48, 51, 55, 56, 57, 60, 61, 70, 72, 76, 84, 88, 91, 99, 103, 105, 106, 113, 128, 144, 152, 1000, 1001, 1100, 1101]
SURFACES = [1, 2, 7, 8, 9, 10, 20, 36, 100, 100, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 109, 111, 114, 117, 118, 119, 150, 151, 152, 160, 162, 166, 168, 174, 185, 191, 192, 193, 200, 214, 220, 254, 255]
UNITS = [0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 254, 255]
LENGTHS = [0, 0, 1, 3, 6, 12, 24, 59, 60, 61, 90, 100, 3600, 86400, 999999, 1000001]


def put(handle, key, value):
    try:
        if value == "missing":
            eccodes.codes_set_missing(handle, key)
        elif isinstance(value, list):
            eccodes.codes_set_array(handle, key, value)
        else:
            eccodes.codes_set(handle, key, value)
    except eccodes.CodesInternalError:
        pass  # the message does not have that key, or not that value


def section_1(handle, chance):
    put(handle, "tablesVersion", chance.choice([2, 4, 19, 32, 33, 34, 35, 36, 37, 255]))
    put(handle, "centre", chance.choice([7, 7, 34, 54, 74, 78, 80, 82, 84, 85, 86, 94, 98, 98, 98, 98, 255]))
    put(handle, "subCentre", chance.choice([0, 0, 0, 2, 98]))
    put(handle, "localTablesVersion", chance.choice([0, 0, 1, 1, 255]))
    put(handle, "productionStatusOfProcessedData", chance.choice([0, 0, 0, 0, 2] + list(range(4, 18))))
    put(handle, "discipline", chance.choice([0, 0, 0, 1, 2, 3, 10, 192]))


def section_2(handle, chance):
    put(handle, "setLocalDefinition", 1)
    for key, values in (("grib2LocalSectionNumber", [1, 1, 7, 15, 20, 38]), ("marsClass", [1, 1, 5, 19, 22, 23, 35, 36, 38, 39, 40, 42, 43, 44, 50, 51, 53]), ("marsType", [2, 9, 11, 16]), ("marsStream", [1025, 1035, 1081])):
        put(handle, key, chance.choice(values))
    put(handle, "iterationNumber", chance.choice([1, 2]))


def section_4(handle, chance):
    put(handle, "productDefinitionTemplateNumber", chance.choice(TEMPLATES))
    put(handle, "parameterCategory", chance.choice([0, 0, 1, 1, 2, 3, 4, 6, 7, 19, 20, 128, 140, 192, 200]))
    put(handle, "parameterNumber", chance.choice(list(range(40)) + [192, 193, 195, 201]))
    for key, values in (("typeOfGeneratingProcess", [0, 2, 4, 12, 13]), ("backgroundProcess", [0, 1, 2, 3, 255]), ("generatingProcessIdentifier", [3, 6, 96, 109, 161, 163]),
                        ("constituentType", [0, 1, 62000, 62025]), ("perturbationNumber", [0, 1, 30]), ("forecastProbabilityNumber", [3]), ("clusterIdentifier", [9])):
        put(handle, key, chance.choice(values))
    for place in ("First", "Second"):
        put(handle, f"typeOf{place}FixedSurface", chance.choice(SURFACES + ([255] * 60 if place == "Second" else [])))
        put(handle, f"scaleFactorOf{place}FixedSurface", chance.choice([0, 0, 0, 1, 2, 3, 6, -1, -2, "missing"]))
        put(handle, f"scaledValueOf{place}FixedSurface", chance.choice([0, 0, 1, 2, 5, 15, 50, 99, 100, 995, 9950, 50000, 2147483650, 4294967294, "missing"]))
    put(handle, "indicatorOfUnitForForecastTime", chance.choice(UNITS))
    put(handle, "forecastTime", chance.choice(LENGTHS + [-6, -90]))
    ranges = chance.choice([1, 1, 1, 1, 2, 2, 3])
    put(handle, "numberOfTimeRanges", ranges)
    for key, values in (("typeOfStatisticalProcessing", [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 100, 101, 102, 195, 255]), ("typeOfTimeIncrement", [1, 2, 2, 3, 255]), ("indicatorOfUnitForTimeRange", UNITS), ("lengthOfTimeRange", LENGTHS)):
        put(handle, key, [chance.choice(values) for _ in range(ranges)] if ranges > 1 else chance.choice(values))


def main():
    out, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    with open(out, "wb") as stream:
        for index in range(count):
            encoder = eccodes.codes_grib_new_from_samples("GRIB2")
            section_1(encoder, chance)
            section_4(encoder, chance)
            if chance.random() < 0.4:
                section_2(encoder, chance)
            octets = eccodes.codes_get_message(encoder)
            eccodes.codes_release(encoder)
            handle = eccodes.codes_new_from_message(octets)
            print(json.dumps({"file": "random", "index": index, "offset": stream.tell(), "names": names(handle)}))
            eccodes.codes_release(handle)
            stream.write(octets)


if __name__ == "__main__":
    main()
