"""The command: a cluster, the shards, and a merge at the end."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from . import worker
from .plan import Plan
from .run import RESOURCE, Options, run

# What --test does: as the published script, few shards on few workers.
TEST = 3


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gik_dask.py",
        description="Does the shards of a gik plan on Dask.",
        epilog="Exit codes: 0 all done, 3 done with gaps, 1 some shards failed, 2 wrongly asked for. "
        "What is done is kept: the same command again does the rest.",
    )
    parser.add_argument("plan", help="a file of `gik plan`")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--local", type=int, metavar="N", help="N processes on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a scheduler that runs: tcp://host:8786")
    where.add_argument(
        "--coiled", nargs="?", const="", metavar="OPTIONS", help='a Coiled cluster: "n_workers=20 region=eu-central-1"'
    )
    where.add_argument("--plain", action="store_true", help="no Dask: one shard after the other, to compare with")
    parser.add_argument("--n-workers", type=int, metavar="N", help="workers of a Coiled cluster")
    parser.add_argument("--workspace", metavar="NAME", help="Coiled's workspace")
    parser.add_argument(
        "--members-per-batch",
        metavar="N",
        help="accepted for the published script's sake: all members of a statistic meet in one shard, so size shards with "
        "`gik plan --shards`",
    )
    parser.add_argument("--test", action="store_true", help=f"the first {TEST} shards only, on at most {TEST} workers")
    parser.add_argument("--per-worker", type=int, default=1, metavar="N", help="shards that a worker does at once")
    parser.add_argument("--memory-limit", metavar="BYTES", help="of one shard: 2GB")
    parser.add_argument("--attempts", type=int, default=3, metavar="N", help="of a shard that fails by itself")
    parser.add_argument("--ship", metavar="PATH", help="a gik for workers that have none")
    parser.add_argument("--shards", metavar="LIST", help="only these: 3,17-20")
    parser.add_argument("--force", action="store_true", help="do again what is done")
    parser.add_argument("--no-merge", action="store_true", help="leave the merge to somebody else")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def numbers(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def coiled_options(typed) -> dict:
    pairs = [pair.partition("=") for pair in shlex.split(typed.coiled)]
    options = {name: int(value) if value.isdigit() else value for name, _, value in pairs}
    if typed.n_workers is not None:
        options["n_workers"] = typed.n_workers
    if typed.workspace:
        options["workspace"] = typed.workspace
    if typed.test:
        options["n_workers"] = min(options.get("n_workers", TEST), TEST)
    return {"n_workers": 5, **options}


@contextmanager
def client_of(typed):
    from distributed import Client, LocalCluster

    threads = max(typed.per_worker, 1)
    if typed.local is not None:
        workers = min(typed.local, TEST) if typed.test else typed.local
        with LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=True,
            resources={RESOURCE: threads},
            dashboard_address=None,
        ) as cluster, Client(cluster) as client:
            yield client, True
    elif typed.scheduler:
        with Client(typed.scheduler) as client:
            declared = [info.get("resources", {}) for info in client.scheduler_info()["workers"].values()]
            yield client, bool(declared) and all(RESOURCE in one for one in declared)
    else:
        import coiled

        options = coiled_options(typed)
        options.setdefault("worker_options", {"nthreads": threads, "resources": {RESOURCE: threads}})
        with coiled.Cluster(**options) as cluster, Client(cluster) as client:
            yield client, True


def plain(plan: Plan, wanted: list[int], typed) -> int:
    """The loop that everything else is held against."""
    codes = []
    for number in wanted:
        told = worker.shard(plan.text, plan.sha256, number, force=typed.force)
        codes.append(told["code"])
        if told["code"] not in (worker.DONE, worker.GAPS):
            print(f"shard {number}: {told['said']}", file=sys.stderr)
    bad = [code for code in codes if code not in (worker.DONE, worker.GAPS)]
    return 1 if bad else 3 if worker.GAPS in codes else 0


def main(words: list[str] | None = None) -> int:
    typed = arguments().parse_args(words)
    try:
        plan = Plan.read(typed.plan)
    except (OSError, ValueError, KeyError) as error:
        print(f"{typed.plan}: not a plan of gik: {error}", file=sys.stderr)
        return 2
    wanted = numbers(typed.shards) if typed.shards else list(range(plan.shards))
    if typed.members_per_batch:
        print("--members-per-batch: all members of a statistic meet in one shard; see `gik plan --shards`", file=sys.stderr)
    if typed.test:
        wanted = wanted[:TEST]
    if typed.plain:
        code = plain(plan, wanted, typed)
    else:
        from dask.utils import parse_bytes

        on_terminal = sys.stderr.isatty()
        options = Options(
            attempts=typed.attempts,
            memory_limit=parse_bytes(typed.memory_limit) if typed.memory_limit else None,
            folder=str(Path.cwd()) if typed.local is not None else None,
            remote=typed.local is None,
            ship=typed.ship,
            force=typed.force,
            progress=lambda text: print(f"\r{text}", end="" if on_terminal else "\n", file=sys.stderr),
        )
        with client_of(typed) as (client, options.resources):
            report = run(plan, client, options, wanted)
        if on_terminal:
            print(file=sys.stderr)
        if typed.json:
            print(report.json())
        else:
            print(
                f"{len(report.done)} done, {len(report.gaps)} with gaps, {len(report.failed)} failed "
                f"in {report.seconds:.1f} s; {report.attempts} attempts, {report.losses} workers lost"
            )
        code = report.code
    if code == 1 or typed.no_merge or typed.test or typed.shards:
        return code
    command = [typed.ship or worker.binary(None, dict(os.environ)), "merge", typed.plan, "--quiet"]
    return subprocess.run(command, stdout=sys.stderr).returncode


if __name__ == "__main__":
    sys.exit(main())
