# /// script
# requires-python = ">=3.10"
# dependencies = ["dask>=2024.8", "distributed>=2024.8"]
# ///
"""Does the shards of a `gik plan` on Dask: `uv run gik_dask.py plan.json --local 4`.

Everything is in the package `gik_shards` beside this file; add `coiled` (`uv run --with coiled gik_dask.py ...`) for --coiled.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from gik_shards.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
