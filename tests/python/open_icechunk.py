#!/usr/bin/env python
"""Opens an Icechunk repository with xarray as a user would, and compares it with the values the archive was made from.

  open_icechunk.py repo --group gefs/v12 --field gefs --date 20250918 --member 1 --grid 10
  open_icechunk.py repo --group ifs-ens/ifs-13l --field ecmwf --date 20250601,20250602 --member 0,1,2 --grid 18 --json
  open_icechunk.py repo --group gefs/v12 --read t2m/instant/heightAboveGround/t2m     # the error that reading ends with

REPOSITORY is a folder, or s3://bucket/prefix at AWS_ENDPOINT_URL. --date names the runs in their order along `time`.
The exit status is 1 where anything is not as it must be.
"""

import argparse
import json
import os
import sys

# Its warnings would stand among the results.
os.environ["ICECHUNK_LOG"] = "error"

import gribberish.zarr  # noqa: E402,F401  registers the codec `gribberish` with zarr 3
import icechunk  # noqa: E402
import numpy as np  # noqa: E402
import open_refs  # noqa: E402
import xarray as xr  # noqa: E402
import zarr  # noqa: E402
from zarr.core.sync import sync  # noqa: E402


def main():
    arguments = parsed()
    repository = opened(arguments.repository)
    branch = list(repository.ancestry(branch="main"))
    store = repository.readonly_session("main").store
    tree = xr.open_datatree(store, engine="zarr", group=arguments.group, consolidated=False, chunks=None)
    report = {"icechunk": icechunk.__version__, "zarr": zarr.__version__}
    report["commits"] = [{"message": one.message, "properties": one.metadata} for one in branch]
    report["groups"] = sorted(name for name, _ in zarr.open_group(store, mode="r").members(max_depth=2))
    if arguments.read:
        report["error"] = reading(tree[arguments.read])
        report["problems"] = []
        print(json.dumps(report))
        return 0
    problems, checked, missing = [], 0, 0
    runs = arguments.date.split(",")
    if tree.sizes["time"] != len(runs):
        problems.append(f"{tree.sizes['time']} runs along time instead of {len(runs)}")
    report["arrays"] = []
    for node in tree.subtree:
        for name in node.data_vars:
            array = node[name]
            path = f"{node.path.strip('/')}/{name}"
            report["arrays"].append({"path": path, "dims": list(array.dims), "shape": list(array.shape)})
            if not {"latitude", "longitude"} <= set(array.dims):
                continue
            present = Present(store, arguments.group)
            for at, date in enumerate(runs):
                told = vars(arguments) | {"date": date[:8], "run": date[8:] or "00"}
                present.time = at
                run = OneRun(node.path, name, array.isel(time=at))
                found = open_refs.compared(run, name, present, argparse.Namespace(**told))
                if path in arguments.misread:
                    if found["missing"] + found["checked"] and not found["problems"]:
                        problems.append(f"{path}: gribberish reads it now, it need not be left out any more")
                    continue
                problems += [f"run {date}: {problem}" for problem in found["problems"]]
                checked += found["checked"]
                missing += found["missing"]
    if not checked:
        problems.append("no field was compared")
    report |= {"checked": checked, "missing": missing, "problems": problems}
    print(json.dumps(report) if arguments.json else "\n".join(problems) or f"{checked} fields equal their formulas")
    print(*problems[:10], sep="\n", file=sys.stderr)
    return 1 if problems else 0


class OneRun:
    """One run of one array, as `open_refs.compared` asks for it."""

    def __init__(self, path, name, array):
        self.path, self.name, self.array = path, name, array

    def __getitem__(self, name):
        assert name == self.name
        return self.array


class Present:
    """Which chunks the repository has, by the keys of kerchunk."""

    def __init__(self, store, group):
        self.store, self.group, self.time = store, group, 0

    def __contains__(self, key):
        path, _, place = key.rpartition("/")
        chunk = "/".join([str(self.time), *place.split(".")])
        return sync(self.store.exists(f"{self.group}/{path}/c/{chunk}"))


def opened(place):
    """The repository; every container of its configuration is allowed."""
    if place.startswith("s3://"):
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        storage = icechunk.s3_storage(
            bucket=bucket, prefix=prefix, region="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL"],
            allow_http=True, force_path_style=True, access_key_id="key", secret_access_key="secret",
        )  # fmt: skip
    else:
        storage = icechunk.local_filesystem_storage(place)
    prefixes = icechunk.Repository.fetch_config(storage).virtual_chunk_containers or {}
    anonymous = icechunk.s3_credentials(anonymous=True)
    allowed = {prefix: anonymous if prefix.startswith("s3://") else None for prefix in prefixes}
    return icechunk.Repository.open(storage, authorize_virtual_chunk_access=icechunk.containers_credentials(allowed))


def reading(array):
    """The error that reading an array ends with, or nothing."""
    try:
        values = array.values
    except icechunk.IcechunkError as error:
        return {"type": type(error).__name__, "text": str(error)}
    assert np.isfinite(values).any()
    return None


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("repository")
    add("--group", required=True, help="of one source and era")
    add("--field", choices=["gefs", "ecmwf"], help="the formulas to compare with")
    add("--date", default="", help="YYYYMMDD or YYYYMMDDHH, one for each run")
    add("--member", type=lambda text: [int(number) for number in text.split(",")], default=[0])
    add("--grid", type=float, help="degrees")
    add("--samples", type=int, default=4, help="fields compared of each array and run")
    add("--misread", type=lambda text: text.split(","), default=[], help="arrays that gribberish decodes wrongly")
    add("--read", help="array to read whole")
    add("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
