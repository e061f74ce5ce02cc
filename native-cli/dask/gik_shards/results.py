"""Merged results as lazy xarray datasets."""

from __future__ import annotations

from pathlib import Path

from .plan import Plan


def open_results(plan: str | Path | Plan, folder: str | Path = ".", **options):
    """What `gik merge` wrote of a `gik stream` plan, all runs along `time`; values are read when they are used.

    Zarr stores are opened where there are any, else NetCDF files. Options go to xarray.
    """
    import xarray as xr

    plan = plan if isinstance(plan, Plan) else Plan.read(plan)
    if plan.job["kind"] != "stream":
        raise ValueError("references are opened store by store: see the README, `gik refs`")
    [out] = plan.job["options"]["out"]
    if "://" in out:
        raise ValueError(f"{out}: list the bucket with fsspec, and open its stores with xarray.open_mfdataset")
    out = Path(folder) / out
    stem = out if out.is_dir() else out.parent
    formats = plan.job["options"].get("format", ["netcdf"])
    kind = "zarr" if "zarr" in formats else "nc"
    named = sorted(stem.glob(f"*.{kind}"))
    if not out.is_dir():
        named = [path for path in named if path.stem == out.stem]
    if not named:
        raise FileNotFoundError(f"{out}: nothing is merged yet: gik merge plan.json")
    if kind == "zarr":
        options = {"engine": "zarr", "consolidated": False, **options}
    options = {"combine": "nested", "concat_dim": "time", "chunks": {}, "data_vars": "all", **options}
    if len(named) == 1:
        for name in ("combine", "concat_dim", "data_vars"):
            options.pop(name)
        return xr.open_dataset(named[0], **options)
    return xr.open_mfdataset(named, **options)
