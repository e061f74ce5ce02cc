"""Prints what ecCodes calls every GRIB2 field of files, one JSON object a line: {file, index, names}.

    dump_names.py FILE...

`index` counts the fields of edition 2. A name that ecCodes cannot give is null.
"""
import json, sys

import eccodes

NAMES = ["shortName", "cfVarName", "name", "units", "paramId", "cfName", "typeOfLevel", "stepType", "stepRange", "number", "level"]


def get(handle, key, kind=None):
    try:
        return eccodes.codes_get(handle, key, kind)
    except eccodes.CodesInternalError:
        return None


def names(handle):
    found = {name: get(handle, name) for name in NAMES}
    # As text: a JSON reader may round the last digit. Before topLevel and bottomLevel: where one of these is below 1 hPa,
    # asking for it changes what ecCodes says of `level` from then on.
    level = get(handle, "level", float)
    found["levelAsDouble"] = None if level is None else repr(level)
    return found | {name: get(handle, name) for name in ("topLevel", "bottomLevel")}


def main():
    eccodes.codes_grib_multi_support_on()
    for file in sys.argv[1:]:
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
                    print(json.dumps({"file": file, "index": index, "names": names(handle)}))
                    index += 1
                eccodes.codes_release(handle)


if __name__ == "__main__":
    main()
