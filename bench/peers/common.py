"""What the peers in Python share: the task, given as JSON in the only argument,
and the outcome, JSON on standard output. See bench/internal/measure."""

import json
import os
import pathlib
import sys
import time
from importlib.metadata import version

BUDGET = 0.25  # seconds for which a call is repeated
FEWEST = 3  # repetitions, at least
LONG = 1.0  # seconds of a call that is made once


def memory(key):
    try:
        for line in pathlib.Path("/proc/self/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return 0


def reset_peak():
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        return True
    except OSError:
        return False


def choose(jobs):
    """The task and the job that does it."""
    task = json.loads(sys.argv[1])
    return task, jobs[task["job"], task["peer"]]


def run(jobs):
    """Does the task. A job is a function of the task that imports and warms up
    what it needs and returns two functions: load, of which the result is the
    data, and work, which does the task on the data and returns a dictionary.

    A line says when work begins, for the case that it is stopped.

    The figures of the outcome may be functions, which are called when time and
    memory have been taken. "seconds" in it replaces the time of the call."""
    task, job = choose(jobs)
    load, work = job(task)
    resettable = reset_peak()
    before = memory("VmRSS")
    data = load()
    peak = 0
    print("begun", flush=True)

    def timed():
        begin = time.perf_counter()
        out = work(data)
        wall = time.perf_counter() - begin
        return out.pop("seconds", wall), wall, out

    seconds, wall, out = timed()
    if resettable:
        peak = memory("VmHWM") - before
    times = [seconds]
    if wall < LONG:
        times, total = [], 0.0
        while total < BUDGET or len(times) < FEWEST:
            seconds, wall, out = timed()
            times.append(seconds)
            total += wall
    out = {key: value() if callable(value) else value for key, value in out.items()}
    name = task["peer"]
    config = f"{name} {version(name)}"
    print(json.dumps({"seconds": sorted(times)[len(times) // 2], "calls": len(times), "peak_bytes": peak, "version": config} | out))
    sys.stdout.flush()
    os._exit(0)  # what torch and numpy tidy up takes longer than some cases
