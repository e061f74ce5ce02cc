"""Prints what ecCodes says of every message of GRIB files, one JSON object a line: {file, offset, edition, names} or {file, error}.

    inspect_messages.py FILE...
"""
import json, sys

import eccodes

NAMES = ["shortName", "cfVarName", "name", "units", "typeOfLevel", "stepType", "stepRange", "number"]


def get(handle, key, kind=None):
    try:
        return eccodes.codes_get(handle, key, kind)
    except eccodes.CodesInternalError:
        return None


def main():
    eccodes.codes_grib_multi_support_on()
    for file in sys.argv[1:]:
        with open(file, "rb") as stream:
            while True:
                try:
                    handle = eccodes.codes_grib_new_from_file(stream)
                except eccodes.CodesInternalError as error:
                    print(json.dumps({"file": file, "error": str(error)}))
                    break
                if handle is None:
                    break
                names = {name: get(handle, name) for name in NAMES}
                names["level"] = get(handle, "level", float)
                offset = get(handle, "offset", int)
                print(json.dumps({"file": file, "offset": offset, "edition": get(handle, "edition", int), "names": names}))
                eccodes.codes_release(handle)


if __name__ == "__main__":
    main()
