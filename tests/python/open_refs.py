#!/usr/bin/env python
"""Opens a reference store with xarray as a user would, and compares it with the values the archive was made from.

  open_refs.py gep01.parquet --field gefs  --date 20250918 --member 1 --grid 10
  open_refs.py gep01.json    --field ecmwf --date 20250601 --member 2 --grid 18 --json
  open_refs.py ensemble.json --field ecmwf --date 20250601 --member 0,1,2 --grid 18   # an axis `number`

STORE is kv-parquet (columns key, value), kerchunk JSON (version 1) or kerchunk's folder of parquet files. It is opened by
whichever zarr is installed: zarr 2 through fsspec's mapper, zarr 3 through FsspecStore; a folder, by engine `kerchunk` too.
The exit status is 1 where anything is not as it must be.
"""

import argparse
import functools
import itertools
import json
import sys
from pathlib import Path

import fsspec
import kerchunk.codecs  # registers the codec `grib` with numcodecs, which zarr 3 asks too for arrays of format 2
import numpy as np
import pyarrow.parquet
import xarray as xr
import zarr

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
from archive import ecmwf, gefs, inventory  # noqa: E402

# Arrays that the text names; --json names all.
TOLD = 6


def main():
    arguments = parsed()
    refs = references(Path(arguments.store))
    folder = arguments.store if Path(arguments.store).is_dir() else None
    tree = opened(folder or refs, arguments.remote_protocol)
    report = {"store": arguments.store, "zarr": zarr.__version__, "references": len(refs)}
    report["groups"] = [node.path for node in tree.subtree]
    report["arrays"] = [described(node, name) for node in tree.subtree for name in node.data_vars]
    problems = list(unseen(refs, tree)) or ([] if report["arrays"] else ["there is no array"])
    if folder:
        problems += other_engine(folder, tree, arguments.remote_protocol)
    if arguments.field:
        report["comparisons"] = [
            compared(node, name, refs, arguments)
            for node in tree.subtree
            for name in node.data_vars
            if {"latitude", "longitude"} <= set(node[name].dims)  # others are bounds of a coordinate
        ]
        problems += [problem for comparison in report["comparisons"] for problem in comparison.pop("problems")]
        report |= {key: sum(comparison[key] for comparison in report["comparisons"]) for key in ("checked", "missing")}
        if not report["checked"]:
            problems.append("no field was compared")
    report["problems"] = problems
    print(json.dumps(report) if arguments.json else told(report))
    return 1 if problems else 0


def references(store):
    """The references of a store: text, bytes, or [url, offset, length], by key."""
    if store.suffix == ".json":
        return json.loads(store.read_text(encoding="utf-8"))["refs"]
    if store.is_dir():
        return references_of_folder(store)
    table = pyarrow.parquet.read_table(store)
    if table.column_names != ["key", "value"]:
        raise SystemExit(f"{store}: columns {table.column_names} instead of key, value")
    values = (value.decode("utf-8", "surrogateescape") for value in table["value"].to_pylist())
    pairs = zip(table["key"].to_pylist(), values)
    return {key: json.loads(value) if value.startswith("[") else value for key, value in pairs}


def references_of_folder(folder):
    """The same of kerchunk's folder, by what stands in its files: not by the reader that is tested with it."""
    metadata = json.loads((folder / ".zmetadata").read_text(encoding="utf-8"))
    refs = {key: json.dumps(document) for key, document in metadata["metadata"].items()}
    refs[".zmetadata"] = ""
    for key, document in metadata["metadata"].items():
        if not key.endswith("/.zarray"):
            continue
        path = key.removesuffix("/.zarray")
        grid = [-(-size // chunk) for size, chunk in zip(document["shape"], document["chunks"])] or [1]
        count = int(np.prod(grid))
        files = [folder / path / f"refs.{record}.parq" for record in range(-(-count // metadata["record_size"]))]
        tables = [pyarrow.parquet.read_table(file) for file in files]
        if sorted(folder.glob(f"{path}/*.parq")) != sorted(files) or sum(map(len, tables)) < count:
            raise SystemExit(f"{folder}: {path} has {count} chunks, and not the files for them")
        rows = itertools.chain.from_iterable(table.to_pylist() for table in tables)
        for place, row in zip(itertools.product(*map(range, grid)), rows):
            chunk = f"{path}/{'.'.join(map(str, place))}"
            if row["raw"] is not None:
                refs[chunk] = row["raw"]
            elif row["path"] is not None:
                refs[chunk] = [row["path"], row["offset"], row["size"]]
    return refs


def other_engine(folder, tree, protocol):
    """What xarray's engine `kerchunk` shows otherwise than the tree."""
    for node in tree.subtree:
        if not node.data_vars:
            continue
        options = {"group": node.path, "chunks": None}
        storage = {"remote_protocol": protocol}
        if zarr.__version__.startswith("2."):
            found = xr.open_dataset(folder, engine="kerchunk", storage_options=storage, open_dataset_options=options)
            for name in node.variables:
                if not np.array_equal(found[name].values, node[name].values, equal_nan=found[name].dtype.kind in "fmM"):
                    yield f"{node.path}/{name}: engine kerchunk reads other values"
            return


def opened(source, protocol):
    """The tree of datasets; of references, or of kerchunk's folder by its path."""
    folder = isinstance(source, str)
    options = {"fo": source if folder else {"version": 1, "refs": source}, "remote_protocol": protocol}
    if zarr.__version__.startswith("2."):
        store = fsspec.filesystem("reference", **options).get_mapper("")
    else:
        from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

        remote = fsspec.filesystem(protocol)
        if not remote.async_impl:
            remote = AsyncFileSystemWrapper(remote, asynchronous=True)
        store = zarr.storage.FsspecStore(
            fsspec.filesystem("reference", fs=remote, asynchronous=True, **options), read_only=True
        )
    return xr.open_datatree(store, engine="zarr", consolidated=folder or ".zmetadata" in source, chunks=None)


def unseen(refs, tree):
    """Groups and arrays of the references that xarray does not show.

    zarr 3 loses groups without an error where consolidated metadata does not list the children of a group one after another.
    """
    groups = {node.path.strip("/") for node in tree.subtree}
    arrays = {f"{node.path.strip('/')}/{name}".strip("/") for node in tree.subtree for name in node.variables}
    for key in sorted(refs):
        path, _, name = key.rpartition("/")
        if name == ".zgroup" and path not in groups or name == ".zarray" and path not in arrays:
            yield f"{path}/{name} is in the references, but not in what xarray shows"


def described(node, name):
    """Name, shape and coordinates of one array; coordinates as numbers and texts that JSON has."""
    array = node[name]
    return {
        "path": f"{node.path.rstrip('/')}/{name}",
        "dims": list(array.dims),
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "units": array.attrs.get("units"),
        "coordinates": {key: listed(value) for key, value in array.coords.items()},
    }


def listed(coordinate):
    values = np.atleast_1d(coordinate.values)
    if np.issubdtype(values.dtype, np.timedelta64):
        values = values / np.timedelta64(1, "h")
    elif np.issubdtype(values.dtype, np.datetime64):
        values = np.datetime_as_string(values.astype("datetime64[s]"))
    values = values.ravel().tolist()
    if len(values) > 60:
        return {"first": values[0], "last": values[-1], "count": len(values)}
    return values if coordinate.ndim else values[0]


def compared(node, name, refs, arguments):
    """Compares sampled fields of one array: how many, how many chunks have no reference, an example, problems."""
    array, path = node[name], f"{node.path.strip('/')}/{name}"
    result = {"path": path, "checked": 0, "missing": 0, "example": None}
    result["problems"] = problems = [f"{path}: {problem}" for problem in wrong_coordinates(array, arguments)]
    if problems:
        return result
    kinds, outer = path.split("/")[:-1], array.dims[:-2]
    if array.dims[-2:] != ("latitude", "longitude") or len(kinds) != 3:
        problems.append(f"{path}: dimensions {array.dims} in group {kinds}")
        return result
    places = list(itertools.product(*(range(array.sizes[dimension]) for dimension in outer)))
    present = [place for place in places if chunk_key(path, place) in refs]
    absent = sorted(set(places) - set(present))
    result["missing"] = len(absent)
    for place in sampled(absent, arguments.samples):
        if not np.isnan(array.isel(dict(zip(outer, place))).values).all():
            problems.append(f"{path} at {place}: has no reference, but reads as values")
    for place in sampled(present, arguments.samples):
        one = array.isel(dict(zip(outer, place)))
        hour = int(one["step"].values / np.timedelta64(1, "h"))
        level = next((float(one[key].values) for key in (kinds[2], "level") if key in one.coords), None)
        member = int(one["number"].values) if "number" in one.coords else arguments.member[0]
        where = f"{path} member {member} step {hour} level {level}"
        try:
            exact, tolerance = expectation(kinds, hour, level, member, arguments)
        except KeyError as unknown:
            problems.append(f"{where}: the archive has no such message: {unknown}")
            continue
        values = one.values
        limit = tolerance * 1.001 + 4e-7 * np.nanmax(np.abs(exact), initial=0.0) + 1e-12
        if (np.isnan(values) != np.isnan(exact)).any():
            problems.append(f"{where}: values are missing elsewhere than they must be")
        elif np.nanmax(np.abs(values - exact), initial=0.0) > limit:
            problems.append(f"{where}: off by {np.nanmax(np.abs(values - exact)):.6g}, allowed {limit:.6g}")
        result["checked"] += 1
        result["example"] = example(one, exact, hour)
    return result


def example(one, exact, hour):
    """One value near the middle of the grid (where there is one), and the formula's."""
    there = np.argwhere(np.isfinite(exact))
    south, east = there[len(there) // 2]
    point = one.isel(latitude=south, longitude=east)
    found = {"step": hour, "latitude": float(point["latitude"]), "longitude": float(point["longitude"])}
    return found | {"value": float(point.values), "formula": float(exact[south, east])}


def chunk_key(path, place):
    return f"{path}/{'.'.join(map(str, place + (0, 0)))}"


def sampled(places, count):
    """So many of them, spread evenly, first and last included."""
    if len(places) <= count:
        return places
    return [places[round(at)] for at in np.linspace(0, len(places) - 1, count)]


def wrong_coordinates(array, arguments):
    """What coordinates say that the archive does not."""
    first = 0.0 if arguments.field == "gefs" else ecmwf.FIRST_LONGITUDE
    grid = ecmwf.grid(arguments.grid, first)
    date = arguments.date
    run = np.datetime64(f"{date[:4]}-{date[4:6]}-{date[6:]}T{arguments.run}:00", "ns")
    for key in ("latitude", "longitude", "step", "time"):
        if key not in array.coords:
            yield f"no coordinate {key}"
            return
    if not np.array_equal(array["latitude"].values, grid.latitudes):
        yield "latitude is another"
    if not np.array_equal(array["longitude"].values % 360, grid.longitudes):
        yield "longitude is another"
    if not (array["time"].values == run).all():
        yield f"time is {listed(array['time'])}, the run is {run}"
    if "valid_time" in array.coords:
        if not (array["valid_time"] == array["time"] + array["step"]).all():
            yield "valid_time is not time + step"
    members = arguments.member if "number" in array.dims else arguments.member[0]
    if "number" in array.coords and not np.array_equal(array["number"].values, members):
        yield f"number is {listed(array['number'])}, the member is {members}"


def expectation(kinds, hour, level, member, arguments):
    """Exact values and tolerance of the message with these names."""
    date, degrees = arguments.date, arguments.grid
    row = row_of(tuple(kinds), hour, level, member, arguments)
    if arguments.field == "gefs":
        return gefs.expected(date, hour, member, row["index_name"], row["levtype_or_leveltext"], degrees)
    message = (row["index_name"], row["levtype_or_leveltext"], None if row["levels"] == "-" else int(level))
    return ecmwf.expected(date, hour, member, *message, row["statistic"].split(":")[0], degrees)


def row_of(kinds, hour, level, member, arguments):
    """The inventory's row; the array's name is cfVarName, or shortName where ecCodes knows none."""
    found = []
    for row in rows_of(arguments.field, arguments.date, arguments.run, member, hour):
        name = row["shortName"] if row["cfVarName"] in ("unknown", "~", "") else row["cfVarName"]
        if (name, row["stepType"], row["typeOfLevel"]) != kinds:
            continue
        if row["levels"] == "-" or (level is not None and str(int(level)) in row["levels"].split(",")):
            found.append(row)
    if len(found) != 1:
        raise KeyError(f"{kinds} at {level}: {len(found)} rows of the inventory")
    return found[0]


@functools.lru_cache(None)
def rows_of(field, date, run, member, hour):
    when = inventory.instant(date, run)
    if field == "gefs":
        wanted = "0" if hour == 0 else "3-240"
        return [row for row in inventory.rows() if row["source"] == "gefs" and row["step_class"] == wanted]
    oper = member == 0 and inventory.control_is_apart(when)
    return inventory.of_step("ifs-oper" if oper else "ifs-ens", when, hour)


def told(report):
    """The report as text, with a few of the arrays."""
    lines = [f"{report['store']}: {report['references']} references, opened with zarr {report['zarr']}"]
    for array in report["arrays"][:TOLD]:
        shape = ", ".join(f"{name} {size}" for name, size in zip(array["dims"], array["shape"]))
        lines.append(f"  {array['path']} ({shape}) {array['units'] or ''}".rstrip())
    if len(report["arrays"]) > TOLD:
        lines.append(f"  ... {len(report['arrays'])} arrays in all")
    for comparison in report.get("comparisons", [])[:TOLD]:
        if found := comparison["example"]:
            place = f"step {found['step']} h at {found['latitude']:g}, {found['longitude']:g}"
            lines.append(f"  {comparison['path']} {place}: {found['value']:.6g} (formula {found['formula']:.6g})")
    if "checked" in report:
        verdict = "compared" if report["problems"] else "equal the formulas they were made from, within packing"
        lines.append(f"{report['checked']} fields {verdict}; {report['missing']} more have no reference")
    return "\n".join(lines + [f"problem: {problem}" for problem in report["problems"]])


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("store", help=".parquet, .json or .kerchunk")
    add("--field", choices=["gefs", "ecmwf"], help="the formulas to compare with")
    add("--date", help="YYYYMMDD")
    add("--run", default="00")
    add("--member", type=lambda text: [int(number) for number in text.split(",")], default=[0], help="its number, or all")
    add("--grid", type=float, help="degrees")
    add("--samples", type=int, default=12, help="fields compared of each array")
    add("--remote-protocol", default="file", help="of the URLs in the references")
    add("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.field and not (arguments.date and arguments.grid):
        parser.error("--field needs --date and --grid")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
