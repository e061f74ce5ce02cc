"""Every coded key of every field of GRIB files, as ecCodes reads them.

    dump_keys.py SECTIONS.csv SCRATCH FOLDER     (layouts that name the keys; where .xz files are unpacked; the files)

Prints one JSON object for each file that holds GRIB: {file, path, bytes, messages: [[offset, totalLength, edition]],
fields: [{key: [value or null]}], stopped}. Missing values are null; `stopped` is what ecCodes said where it gave up."""

import json
import lzma
import pathlib
import sys

import eccodes

MISSING = eccodes.CODES_MISSING_LONG


def keys(path):
    """Names of all integer keys of sections 0 to 6."""
    kinds = {"unsigned", "unsigned?", "signed", "signed?", "table", "flags"}
    rows = (line.split(",") for line in open(path) if not line.startswith("#"))
    return sorted({row[3] for row in rows if row[1] in kinds and not row[0].startswith(("section.0", "section.2", "local"))})


def handles(path, multi):
    (eccodes.codes_grib_multi_support_on if multi else eccodes.codes_grib_multi_support_off)()
    with open(path, "rb") as file:
        eccodes.codes_grib_multi_support_reset_file(file)
        while handle := eccodes.codes_grib_new_from_file(file):
            yield handle
            eccodes.codes_release(handle)


def values(handle, key):
    if not eccodes.codes_is_defined(handle, key):
        return None
    try:
        if eccodes.codes_get_size(handle, key) == 1:
            return [None if eccodes.codes_is_missing(handle, key) else eccodes.codes_get_long(handle, key)]
        return [None if value == MISSING else int(value) for value in eccodes.codes_get_array(handle, key, int)]
    except eccodes.CodesInternalError:
        return None


def dump(path, names):
    messages, fields, stopped = [], [], None
    try:
        for handle in handles(path, False):
            messages.append([int(eccodes.codes_get_double(handle, "offset")), eccodes.codes_get(handle, "totalLength", int), eccodes.codes_get(handle, "edition", int)])
        for handle in handles(path, True):
            if eccodes.codes_get(handle, "edition", int) == 2:
                read = {name: values(handle, name) for name in names}
                fields.append({name: value for name, value in read.items() if value is not None})
    except eccodes.CodesInternalError as error:
        stopped = str(error)
    return messages, fields, stopped


def main(layouts, scratch, folder):
    names = keys(layouts)
    for file in sorted(pathlib.Path(folder).rglob("*")):
        if not file.is_file():
            continue
        path = file
        if file.suffix == ".xz":
            path = pathlib.Path(scratch) / (file.parent.name + "." + file.stem)
            path.write_bytes(lzma.decompress(file.read_bytes()))
        if b"GRIB" not in path.read_bytes():
            continue
        messages, fields, stopped = dump(path, names)
        print(json.dumps({"file": str(file.relative_to(folder)), "path": str(path), "messages": messages, "fields": fields, "stopped": stopped}))


if __name__ == "__main__":
    main(*sys.argv[1:])
