#!/usr/bin/env python
"""Figures of an Icechunk repository: bench_icechunk.py GIK ARCHIVE REPOSITORY

ARCHIVE holds the indexes of ifs-ens of 2025-06-01, of 51 members; REPOSITORY is made anew.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path


def main():
    gik, archive, repository = map(Path, sys.argv[1:])
    shutil.rmtree(repository, ignore_errors=True)
    words = ["refs", "ifs-ens", "--date", "20250601", "--members", "all", "--format", "icechunk", "--json"]
    done = subprocess.run([gik, *words, "--from", archive, "--out", repository], stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    appended = told["icechunk"]
    references, seconds = appended["references"], appended["seconds"]
    files = [file.stat().st_size for file in repository.rglob("*") if file.is_file()]
    print(f"{references} references, {sum(files)} bytes in {len(files)} files: {sum(files) / references:.1f} bytes each")
    print(f"{references / seconds:.0f} references/s: {seconds:.2f} s from references to commit, {told['seconds']:.2f} s the run")
    print(f"peak memory {told['peak_memory_bytes'] / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
