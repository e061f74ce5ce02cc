"""What a worker does: finds `gik`, runs one shard in a process of its own, and says how it ended."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Codes of `gik run`.
DONE, FAILED, USAGE, GAPS = 0, 1, 2, 3
# How often a worker looks whether its shard was called off, in seconds.
LOOK = 0.5


def binary(shipped: str | None, environment: dict[str, str]) -> str:
    """The shipped binary; else GIK_BINARY, else the one on the PATH, as the shard's own environment has them."""
    if shipped is not None:
        # Files that Dask uploads may not be run.
        os.chmod(shipped, 0o700)
        return shipped
    found = environment.get("GIK_BINARY") or shutil.which("gik", path=environment.get("PATH"))
    if not found:
        raise FileNotFoundError("no gik on this worker: set GIK_BINARY, or ship it with --ship PATH")
    return found


def dies_with_its_parent(limit: int | None):
    """A shard of a worker that was killed is somebody else's now; a limit of memory is the system's business."""

    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if limit is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return prepare


def shard(
    plan: str,
    sha256: str,
    number: int,
    *,
    shipped: str | None = None,
    memory_limit: int | None = None,
    folder: str | None = None,
    environment: dict[str, str] | None = None,
    force: bool = False,
    called_off=None,
) -> dict:
    """Runs a shard. Returns its number, exit code, seconds, and the end of what it said."""
    environment = {**os.environ, **(environment or {})}
    # Each attempt has a file of its own: two of one plan may run at once.
    with tempfile.TemporaryDirectory(prefix="gik-plan-") as own:
        file = Path(own) / f"{sha256[:16]}.json"
        file.write_text(plan)
        command = [binary(shipped, environment), "run", str(file), "--shard", str(number), "--quiet"]
        command += ["--force"] if force else []
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=dies_with_its_parent(memory_limit),
        )
        while True:
            try:
                _, said = process.communicate(timeout=LOOK)
                break
            except subprocess.TimeoutExpired:
                if called_off is not None and called_off():
                    process.kill()
                    process.communicate()
                    return {"shard": number, "code": None, "seconds": time.monotonic() - start, "said": "called off"}
    return {
        "shard": number,
        "code": process.returncode,
        "seconds": time.monotonic() - start,
        "said": said[-2000:],
    }
