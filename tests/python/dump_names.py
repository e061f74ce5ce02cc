"""Prints what ecCodes calls every GRIB2 field of files, one JSON object a line: {file, index, keys, time_ranges, names}.

    dump_names.py KEY,KEY,... FILE...       # KEYs: the low-level keys to print; a file named `-` reads further names from stdin
"""
import json, sys

import eccodes

MISSING = 2147483647
NAMES = ["shortName", "cfVarName", "name", "units", "paramId", "cfName", "typeOfLevel", "stepType", "stepRange", "level", "topLevel", "bottomLevel", "number"]
LISTS = ["typeOfStatisticalProcessing", "typeOfTimeIncrement", "indicatorOfUnitForTimeRange", "lengthOfTimeRange"]


def get(handle, key, kind=None):
    try:
        return eccodes.codes_get(handle, key, kind)
    except eccodes.CodesInternalError:
        return None


def keys(handle, wanted):
    found = {}
    for key in wanted:
        if key == "experimentVersionNumber":
            text = get(handle, key, str)
            found[key] = None if text is None else int.from_bytes(text.encode()[:4], "big")
        else:
            found[key] = get(handle, key, int)
        if found[key] is None:
            del found[key]
        elif found[key] == MISSING:
            found[key] = "missing"
    return found


def time_ranges(handle):
    if get(handle, "numberOfTimeRanges", int) is None:
        return None
    try:
        columns = [[int(v) for v in eccodes.codes_get_array(handle, key)] for key in LISTS]
    except eccodes.CodesInternalError:
        return []
    return [list(row) for row in zip(*columns)]


def names(handle):
    found = {name: get(handle, name) for name in NAMES}
    # As text: a JSON reader may round the last digit.
    level = get(handle, "level", float)
    found["levelAsDouble"] = None if level is None else repr(level)
    return found


def record(handle, wanted):
    return {"keys": keys(handle, wanted), "time_ranges": time_ranges(handle), "names": names(handle)}


def main():
    wanted, files = sys.argv[1].split(","), sys.argv[2:]
    if files == ["-"]:
        files = sys.stdin.read().splitlines()
    eccodes.codes_grib_multi_support_on()
    for file in files:
        with open(file, "rb") as stream:
            index = 0
            while True:
                try:
                    handle = eccodes.codes_grib_new_from_file(stream)
                except eccodes.CodesInternalError as error:
                    print(json.dumps({"file": file, "index": index, "error": str(error)}))
                    break
                if handle is None:
                    break
                if get(handle, "edition", int) == 2:
                    print(json.dumps({"file": file, "index": index} | record(handle, wanted)))
                index += 1
                eccodes.codes_release(handle)


if __name__ == "__main__":
    main()
