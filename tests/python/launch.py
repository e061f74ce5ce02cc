#!/usr/bin/env python
"""Runs an oracle and leaves at once: launch.py SCRIPT [ARGUMENT...].

Thread pools of pyarrow and dask are now and then torn down while their threads still run ("terminate called without an
active exception"), after everything was printed. So the interpreter's own farewell is skipped; an exception of the script
is still an exit code of 1 with its traceback.
"""

import os
import runpy
import sys

# A process that multiprocessing spawns imports this file under another name, and has work of its own.
if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
