"""Opens what was merged of a plan as one lazy dataset, and holds it against its files. Usage: open_shards.py plan.json PACKAGE FILE..."""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, sys.argv[2])


def main() -> None:
    import xarray as xr
    from gik_shards import open_results

    whole = open_results(sys.argv[1])
    names = [name for name in whole.data_vars if name.endswith("_ensemble_mean")]
    assert names, whole
    for name in names:
        assert whole[name].chunks is not None, f"{name} is not lazy"
    compared = 0
    for at, path in enumerate(sorted(sys.argv[3:])):
        own = xr.open_dataset(path, engine="zarr", consolidated=False)
        assert own["time"].values[0] == whole["time"].values[at]
        for name in names:
            one = own[name].values[0]
            other = whole[name].isel(time=at).sel(valid_time=own["valid_time"]).values
            np.testing.assert_array_equal(one, other)
            compared += one.size
    print(json.dumps({"variables": len(names), "runs": whole.sizes["time"], "values": compared}))


if __name__ == "__main__":
    main()
