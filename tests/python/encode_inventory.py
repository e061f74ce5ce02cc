"""Encodes one message for every row and level of inventory.tsv, and prints what ecCodes calls it: {row, level, names}.

    encode_inventory.py INVENTORY.tsv OUT.grib2
"""
import json, sys

import eccodes
from dump_names import names

STATISTICS = {"avg": 0, "accum": 1, "max": 2, "min": 3}
HOURS = {"0h": 0, "1h": 1, "3h": 3, "6h": 6, "bucket6": 6, "run": 24}


def surface(handle, which, text, level):
    kind, factor, value = text.split(":")
    eccodes.codes_set(handle, f"typeOf{which}FixedSurface", int(kind))
    for key, number in ((f"scaleFactorOf{which}FixedSurface", factor), (f"scaledValueOf{which}FixedSurface", value)):
        if number == "-":
            eccodes.codes_set_missing(handle, key)
        else:
            eccodes.codes_set(handle, key, {"L": level, "L-1": level - 1, "L*100": level * 100}.get(number) if number[0] == "L" else int(number))


def message(row, level):
    handle = eccodes.codes_grib_new_from_samples("GRIB2")
    tables, local = row["tables_version"].split("/")
    for key, value in (("tablesVersion", tables), ("localTablesVersion", local), ("centre", 7 if row["source"] == "gefs" else 98),
                       ("discipline", row["discipline"]), ("productDefinitionTemplateNumber", row["pdt"]),
                       ("parameterCategory", row["category"]), ("parameterNumber", row["number"])):
        eccodes.codes_set(handle, key, int(value))
    surface(handle, "First", row["first_surface"], level)
    surface(handle, "Second", row["second_surface"], level)
    if row["statistic"] != "-":
        statistic, window = row["statistic"].split(":")
        eccodes.codes_set(handle, "typeOfStatisticalProcessing", STATISTICS[statistic])
        eccodes.codes_set(handle, "stepRange", f"{24 - HOURS[window]}-24")
    return handle


def main():
    with open(sys.argv[1]) as table, open(sys.argv[2], "wb") as out:
        head = table.readline().rstrip("\n").split("\t")
        for number, line in enumerate(table, 2):
            row = dict(zip(head, line.rstrip("\n").split("\t")))
            for level in [0] if row["levels"] == "-" else map(int, row["levels"].split(",")):
                encoder = message(row, level)
                octets = eccodes.codes_get_message(encoder)
                # Read again: some keys keep what they were before others were set.
                handle = eccodes.codes_new_from_message(octets)
                print(json.dumps({"line": number, "level": level, "names": names(handle)}))
                out.write(octets)
                eccodes.codes_release(handle)
                eccodes.codes_release(encoder)


if __name__ == "__main__":
    main()
