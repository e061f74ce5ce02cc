"""What ecCodes says of the field at an offset of a GRIB2 file, as JSON.

    field_statistics.py FILE OFFSET
"""

import json
import sys

import eccodes
import numpy as np


def main(path, offset):
    with open(path, "rb") as opened:
        opened.seek(int(offset))
        handle = eccodes.codes_grib_new_from_file(opened)
    eccodes.codes_set(handle, "missingValue", -1e30)
    values = eccodes.codes_get_values(handle)
    there = values[values != -1e30]
    keys = ["centre", "shortName", "typeOfLevel", "productDefinitionTemplateNumber", "parameterNumber", "forecastTime"]
    print(
        json.dumps(
            {
                "keys": {key: eccodes.codes_get(handle, key, str) for key in keys},
                "points": len(values),
                "missing": int(np.sum(values == -1e30)),
                "minimum": float(there.min()),
                "mean": float(there.mean()),
                "maximum": float(there.max()),
            }
        )
    )


main(*sys.argv[1:])
