"""Shards of a `gik plan` on Dask, and their merged results as lazy xarray datasets.

>>> from gik_shards import Plan, open_results, run        # doctest: +SKIP
>>> report = run(Plan.read("plan.json"), client)          # doctest: +SKIP
>>> dataset = open_results("plan.json")                   # doctest: +SKIP
"""

from .plan import Plan
from .results import open_results
from .run import Options, Report, run

__all__ = ["Options", "Plan", "Report", "open_results", "run"]
