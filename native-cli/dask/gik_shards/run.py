"""Maps the shards of a plan over a Dask cluster: retries, progress, cancellation, resources."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client, Event, Future, KilledWorker, as_completed, get_client, get_worker

from . import worker
from .plan import Plan

# The resource that workers may have: so many shards at once. See `dask worker --resources GIK=2`.
RESOURCE = "GIK"


@dataclass
class Options:
    """How shards are run."""

    # Attempts of a shard that fails by itself. A worker that is lost does not count.
    attempts: int = 3
    # Workers that one shard may take with it before it counts as a failure of its own.
    losses: int = 10
    # Shards that a worker does at once are limited by the resource GIK, where workers declare it.
    resources: bool = False
    # Bytes of address space of one shard.
    memory_limit: int | None = None
    # The folder in which workers run, where places of the plan are relative.
    folder: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    # Whether workers are on other machines, and need this package.
    remote: bool = False
    # A binary for workers that have none.
    ship: str | None = None
    force: bool = False
    progress: Callable[[str], None] | None = None


@dataclass
class Report:
    """How it went."""

    done: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    # Shard → why.
    failed: dict[int, str] = field(default_factory=dict)
    attempts: int = 0
    losses: int = 0
    seconds: float = 0.0
    # Seconds of the shards themselves.
    busy: float = 0.0

    @property
    def code(self) -> int:
        return 1 if self.failed else 3 if self.gaps else 0

    def json(self) -> str:
        return json.dumps(self.__dict__, sort_keys=True)


def _task(text: str, sha256: str, number: int, event: str, shipped: str | None, options: dict) -> dict:
    """Runs on a worker."""
    off = Event(event, client=get_client())
    binary = os.path.join(get_worker().local_directory, shipped) if shipped else None
    return worker.shard(text, sha256, number, shipped=binary, called_off=off.is_set, **options)


def _ship(client: Client, options: Options) -> str | None:
    """Gives workers, those of later too, this package and a binary; the name of the binary."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(__file__).resolve().parent
        archive = shutil.make_archive(str(Path(folder) / own.name), "zip", own.parent, own.name)
        client.upload_file(archive)
    if options.ship is None:
        return None
    client.upload_file(options.ship)
    return os.path.basename(options.ship)


def run(plan: Plan, client: Client, options: Options | None = None, shards: list[int] | None = None) -> Report:
    """Does the shards (all by default). What fails for good is reported, and the others are done.

    Ctrl-C calls off what runs, and leaves what is done; the same call goes on from there.
    """
    options = options or Options()
    wanted = list(range(plan.shards)) if shards is None else list(shards)
    tell = options.progress or (lambda text: None)
    shipped = _ship(client, options) if options.remote or options.ship else None
    start = time.monotonic()
    event = f"gik-off-{plan.sha256[:16]}-{time.time_ns()}"
    off = Event(event, client=client)
    own = {
        "memory_limit": options.memory_limit,
        "folder": options.folder,
        "environment": options.environment,
        "force": options.force,
    }
    failures = dict.fromkeys(wanted, 0)
    losses = dict.fromkeys(wanted, 0)
    report = Report()
    running: dict[str, tuple[int, Future]] = {}

    def submit(number: int) -> Future:
        report.attempts += 1
        future = client.submit(
            _task,
            plan.text,
            plan.sha256,
            number,
            event,
            shipped,
            own,
            key=f"gik-{plan.sha256[:8]}-{number}-{report.attempts}-{time.time_ns()}",
            pure=False,
            resources={RESOURCE: 1} if options.resources else None,
        )
        running[future.key] = (number, future)
        return future

    futures = as_completed([submit(number) for number in wanted])
    try:
        for future in futures:
            number, _ = running.pop(future.key)
            if _settle(future, number, report, (failures, losses), options):
                futures.add(submit(number))
            ended = len(report.done) + len(report.gaps) + len(report.failed)
            tell(f"{ended} of {len(wanted)} shards, {len(report.gaps)} with gaps, {len(report.failed)} failed")
    except KeyboardInterrupt:
        off.set()
        client.cancel([future for _, future in running.values()])
        raise
    report.seconds = time.monotonic() - start
    report.done.sort()
    report.gaps.sort()
    return report


def _settle(future, number: int, report: Report, counts, options: Options) -> bool:
    """Writes down how an attempt ended; whether there is to be another."""
    failures, losses = counts
    told, error = None, None
    if future.status == "finished":
        try:
            told = future.result()
        except Exception as gone:
            # Whoever held what the shard told may be killed by now, and so may those who did it again.
            error = gone
    elif future.status == "error":
        error = future.exception()
    if told is not None:
        report.busy += told["seconds"]
        if told["code"] in (worker.DONE, worker.GAPS):
            (report.done if told["code"] == worker.DONE else report.gaps).append(number)
            return False
        because = f"exit {told['code']}: {told['said'].strip()}"
        failures[number] += 1
        # What was asked for wrongly does not get right by itself.
        final = told["code"] == worker.USAGE or failures[number] >= options.attempts
    else:
        because = f"{type(error).__name__}: {error}" if error else future.status
        lost = error is None or isinstance(error, (KilledWorker, OSError)) and not isinstance(error, FileNotFoundError)
        if lost:
            losses[number] += 1
            report.losses += 1
        else:
            failures[number] += 1
        final = failures[number] >= options.attempts or losses[number] >= options.losses
    if final:
        report.failed[number] = because
        print(f"shard {number}: {because}", file=sys.stderr)
    return not final
