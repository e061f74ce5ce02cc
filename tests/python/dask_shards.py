"""Does a plan on four Dask workers that are killed at random, with a slow shard, a poisoned one, and one that is done twice at once.

Usage: dask_shards.py plan.json --gik BINARY --package FOLDER --kills N --slow N --twice N --compare plan2.json --poison FILE
Prints what happened as JSON.
"""

import argparse
import json
import os
import random
import signal
import stat
import sys
import threading
import time
from pathlib import Path

# Seconds that each shard takes besides its work, so that there is somebody to kill.
DRAG = 0.25
SLOW = 3.0


def wrapper(gik: str, slow: int) -> str:
    """A `gik` that takes its time."""
    path = Path("slow-gik")
    path.write_text(
        "#!/bin/sh\n"
        f'case " $* " in *" --shard {slow} "*) sleep {SLOW};; *) sleep {DRAG};; esac\n'
        f'exec "{gik}" "$@"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path.resolve())


class Killer(threading.Thread):
    """Kills a worker, lets the others work, kills another one."""

    def __init__(self, cluster, kills: int):
        super().__init__(daemon=True)
        self.cluster, self.kills, self.done, self.stop = cluster, kills, 0, threading.Event()

    def run(self) -> None:
        draw = random.Random(8)
        while self.done < self.kills and not self.stop.wait(draw.uniform(0.2, 0.6)):
            pids = [nanny.pid for nanny in self.cluster.workers.values() if nanny.pid]
            if not pids:
                continue
            try:
                os.kill(draw.choice(pids), signal.SIGKILL)
                self.done += 1
            except ProcessLookupError:
                pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("plan")
    for name in ("gik", "package", "compare", "poison"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("kills", "slow", "twice"):
        parser.add_argument(f"--{name}", type=int, required=True)
    typed = parser.parse_args()
    sys.path.insert(0, typed.package)

    import dask
    from distributed import Client, LocalCluster
    from gik_shards import Options, Plan, run, worker

    dask.config.set({"distributed.scheduler.allowed-failures": 2, "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 0})
    plan, calm = Plan.read(typed.plan), Plan.read(typed.compare)
    told: dict = {}
    with LocalCluster(
        n_workers=4, threads_per_worker=1, processes=True, resources={"GIK": 1}, dashboard_address=None, silence_logs=50
    ) as cluster, Client(cluster) as client:
        client.wait_for_workers(4)
        # Calm: what the scheduler adds to the shards themselves. Two shards at a time are what two cores do.
        options = Options(resources=True, folder=os.getcwd(), environment={"GIK_BINARY": typed.gik}, force=True)
        os.environ["GIK_BINARY"] = typed.gik
        report = run(calm, client, options)
        assert report.code == 0, report.failed
        start = time.monotonic()
        run(calm, client, options)
        told["dask_seconds"] = time.monotonic() - start
        start = time.monotonic()
        threads = [
            threading.Thread(
                target=lambda own: [worker.shard(calm.text, calm.sha256, number, force=True) for number in own],
                args=(range(first, calm.shards, 4),),
            )
            for first in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told["loop_seconds"] = time.monotonic() - start

        # From here on: an object of the archive is no index any more.
        Path(typed.poison).write_text("poison")
        os.environ["GIK_BINARY"] = wrapper(typed.gik, typed.slow)
        killer = Killer(cluster, typed.kills)
        options = Options(
            resources=True, folder=os.getcwd(), environment={"GIK_BINARY": os.environ["GIK_BINARY"]}, losses=50
        )
        killer.start()
        start = time.monotonic()
        report = run(plan, client, options, [*range(plan.shards), typed.twice])
        # Whatever kills are left hit shards that are done again.
        again = 0
        while killer.done < typed.kills and time.monotonic() - start < 40:
            options.force = True
            repeated = run(plan, client, options, [number for number in range(plan.shards) if number not in report.failed])
            assert repeated.code == 0, repeated.failed
            again += 1
        killer.stop.set()
        killer.join()
    told.update(
        kills=killer.done,
        again=again,
        done=sorted(set(report.done)),
        failed={str(number): because for number, because in report.failed.items()},
        attempts=report.attempts,
        losses=report.losses,
        seconds=time.monotonic() - start,
    )
    print(json.dumps(told))


if __name__ == "__main__":
    main()
