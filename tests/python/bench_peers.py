#!/usr/bin/env python
"""CPU seconds of the Python tools on the inputs of `cargo xtask bench`: one line `name<TAB>seconds` for each.

bench_peers.py index
bench_peers.py header --gik target/release/gik    # measures `gik inspect` on the same file too
bench_peers.py decode
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import eccodes

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
sys.path.insert(0, str(FIXTURES))
from archive import ecmwf, fields, inventory  # noqa: E402

SAMPLE = FIXTURES / "sample"


def main():
    arguments = parsed()
    bench = {"decode": decode, "header": header, "index": index}[arguments.bench]
    for name, seconds in bench(arguments.inputs, arguments):
        print(f"{name}\t{seconds:.9f}", flush=True)


def index(folder, arguments):
    """A full .index of the ensemble (51 members of 157 messages), and a GEFS .idx."""
    from kerchunk._grib_idx import parse_grib_idx

    ecmwf.write(folder, "20250601", "00", range(51), 3, 0.25, index_only=True)
    text = (folder / ecmwf.path("20250601", "00", 3, False)).with_suffix(".index").read_text()
    assert text.count("\n") == 8_007, text.count("\n")
    yield "json.loads, 8007 lines", least(20, lambda: [json.loads(line) for line in text.splitlines()])
    grib = SAMPLE / "noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f006"
    assert grib.with_name(grib.name + ".idx").read_text().count("\n") == 38
    yield "kerchunk parse_grib_idx, 38 lines", least(50, lambda: parse_grib_idx(str(grib)))


def header(folder, arguments):
    """480 messages of 0.25 degrees in one file: 12 different ones, over and over."""
    from kerchunk.grib2 import scan_grib

    grid = fields.grid(0.25, ecmwf.FIRST_LONGITUDE)
    held = ecmwf.messages("ifs-ens", inventory.ERAS["13l"], 3)[:12]
    messages = [ecmwf.encode("20250601", "00", 1, 3, item, False, grid) for item in held]
    file = folder / "messages.grib2"

    def write(count):
        with open(file, "wb") as written:
            for at in range(count):
                written.write(messages[at % len(messages)])
        print(f"# {count} messages, {file.stat().st_size / 1e6:.0f} MB", flush=True)

    write(480)
    if arguments.gik:
        # A process starts once, however many messages there are: its time is never scaled.
        yield "gik inspect, 480 messages", least_of_child(5, [arguments.gik, "inspect", str(file), "--json"])
    count = 48 if arguments.quick else 480
    if count < 480:
        write(count)
    yield "kerchunk scan_grib, 480 messages", 480 / count * least(1, lambda: scan_grib(str(file)))
    file.unlink()


def decode(folder, arguments):
    """The messages that `bench_decode.py write` put into a folder, one file for each packing."""
    import gribberish

    for file in sorted((folder / "messages").glob("*.grib2")):
        message = file.read_bytes()
        yield f"ecCodes, {file.stem}", least(10, lambda: unpacked(message))
        try:
            yield f"gribberish, {file.stem}", least(10, lambda: gribberish.parse_grib_array(message, 0))
        except Exception as refused:  # it has no error type of its own
            print(f"# gribberish, {file.stem}: {refused}", flush=True)


def unpacked(message):
    h = eccodes.codes_new_from_message(message)
    values = eccodes.codes_get_values(h)
    eccodes.codes_release(h)
    return values


def least(times, action):
    """CPU seconds of the fastest run, this process with its threads."""
    found = []
    for _ in range(times):
        start = time.process_time()
        action()
        found.append(time.process_time() - start)
    return min(found)


def least_of_child(times, command):
    """CPU seconds of the fastest run of a program, user and system."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(found)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", choices=["decode", "header", "index"])
    parser.add_argument("--inputs", type=Path, required=True, help="folder for files that are read")
    parser.add_argument("--gik", type=os.path.abspath, help="the binary, for header")
    parser.add_argument("--quick", action="store_true", help="header: a tenth of the file, scaled")
    return parser.parse_args()


if __name__ == "__main__":
    main()
