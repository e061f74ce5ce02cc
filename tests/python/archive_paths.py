"""Prints the paths that the oracle's archive generator writes: one line of `run member step path` each, tab-separated.

  archive_paths.py ../shared/oracle
"""

import sys

sys.path.insert(0, sys.argv[1])
import make_archive as archive

RUNS = [("20241112", "00"), ("20250918", "06"), ("20260511", "12"), ("20260706", "18")]

for date, run in RUNS:
    when = f"{date[:4]}-{date[4:6]}-{date[6:]}T{run}"
    for hour in range(0, 241, 3):
        for member in range(31):
            print("gefs", when, member, hour, archive.gefs_name(date, run, member, hour), sep="\t")
    for hour in [hour for hour in archive.EC_HOURS if hour <= 144 or run in ("00", "12")]:
        for member in (0, 1, 50):
            oper = member == 0 and archive.ec_split(archive.ec_when(date, run))
            print("ifs-ens", when, member, hour, archive.ec_name(date, run, hour, oper), sep="\t")
