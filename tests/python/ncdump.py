#!/usr/bin/env python
"""What `ncdump -h` prints of a NetCDF file, without that program: dimensions, variables, attributes, as CDL.

  ncdump.py FILE.nc

The command line in `history` and the version of gik are left out: they are no part of a layout.
"""

import sys

import netCDF4
import numpy as np

TYPES = {"f4": "float", "f8": "double", "i4": "int", "i8": "int64", "i1": "byte"}


def main():
    file = netCDF4.Dataset(sys.argv[1])
    print("netcdf {\ndimensions:")
    for name, dimension in file.dimensions.items():
        print(f"\t{name} = {len(dimension)} ;")
    print("variables:")
    for name, variable in file.variables.items():
        dimensions = f"({', '.join(variable.dimensions)})" if variable.dimensions else ""
        print(f"\t{TYPES[variable.dtype.str[1:]]} {name}{dimensions} ;")
        attributes(variable, name)
    print("\n// global attributes:")
    attributes(file, "")
    print("}")


def attributes(of, name):
    for key in of.ncattrs():
        value = of.getncattr(key)
        if not name and key in ("history", "gik_version"):
            value = "..."
        print(f"\t\t{name}:{key} = {written(value)} ;")


def written(value):
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    suffix = {"float32": "f", "int64": "LL"}.get(np.asarray(value).dtype.name, "")
    return ", ".join(("NaN" if one != one else f"{one}") + suffix for one in np.atleast_1d(value))


if __name__ == "__main__":
    main()
