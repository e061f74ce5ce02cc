#!/usr/bin/env python
"""Compares an array of a reference store with ecCodes' own reading of a message.

  same_values.py STORE ARRAY FILE.grib2 N        the array's only chunk against message N of the file
"""

import sys
from pathlib import Path

import eccodes
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from open_refs import opened, references  # noqa: E402

store, array, file, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(file, "rb") as messages:
    for _ in range(number):
        handle = eccodes.codes_grib_new_from_file(messages)
values = eccodes.codes_get_values(handle)
group, _, name = array.rpartition("/")
found = opened(references(Path(store)), "file")[group][name].values.ravel()
if not np.array_equal(found, values):
    sys.exit(f"{array}: {np.sum(found != values)} of {values.size} values differ")
print(f"{values.size} values equal")
