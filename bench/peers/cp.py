"""CP models of dense data by TensorLy and pyttb; see bench/internal/cases/cp.go.

"sweep" is the time of one sweep of ALS: the difference between a run with one
and a run with more, from a given start. "fit" goes on from a random start of
standard normal factors until the relative error is that of the task.
"""

import builtins
import re
import time

import numpy as np

from common import run

LIMIT = 100  # sweeps of a fit


def start_of(task, dtype):
    if task["job"] == "fit":
        rng = np.random.default_rng(task["seed"])
        return [rng.standard_normal((s, task["ranks"][0])).astype(dtype) for s in task["shape"]]
    rows = np.load(task["files"][1]).astype(dtype)
    return np.split(rows, np.cumsum(task["shape"])[:-1])


def result_bytes(task):
    return 8 * task["ranks"][0] * (sum(task["shape"]) + 1)


def sweeps(task, call):
    """call(n) makes n sweeps and returns the relative error."""
    begin = time.perf_counter()
    call(1)
    middle = time.perf_counter()
    error = call(1 + task["iters"])
    end = time.perf_counter()
    return {"seconds": ((end - middle) - (middle - begin)) / task["iters"], "error": float(error), "result_bytes": result_bytes(task)}


def tensorly(task):
    from tensorly.decomposition import parafac

    rank = task["ranks"][0]

    def als(x, start, **options):
        first = (np.ones(rank, x.dtype), [f.copy() for f in start])
        return parafac(x, rank, init=first, tol=1e-30, **options)

    def work(x):
        start = start_of(task, x.dtype)
        if task["job"] == "sweep":
            return sweeps(task, lambda n: als(x, start, n_iter_max=n, return_errors=True)[1][-1])
        # The clock starts when the first error, of the start itself, is known.
        seen = []

        def watch(model, error):
            seen.append((time.perf_counter(), float(error)))
            return bool(error <= task["target"])

        als(x, start, n_iter_max=LIMIT, callback=watch)
        return {
            "seconds": seen[-1][0] - seen[0][0], "error": seen[-1][1],
            "capped": seen[-1][1] > task["target"], "result_bytes": result_bytes(task),
        }

    rng, order = np.random.default_rng(0), len(task["shape"])
    als(rng.standard_normal((6,) * order), rng.standard_normal((order, 6, rank)), n_iter_max=1)
    return (lambda: np.load(task["files"][0])), work


class Reached(Exception):
    pass


def pyttb(task):
    import pyttb

    rank = task["ranks"][0]

    def als(x, start, **options):
        first = pyttb.ktensor([np.asfortranarray(f) for f in start])
        return pyttb.cp_als(x, rank, init=first, stoptol=0, **options)

    def work(x):
        start = start_of(task, np.float64)
        if task["job"] == "sweep":
            return sweeps(task, lambda n: 1 - als(x, start, maxiters=n, printitn=0)[2]["fit"])
        # It has no callback, but prints the fit after each sweep.
        last = [1.0]

        def watch(*args, **_):
            fit = re.search(r"Iter \d+: f = (\S+)", " ".join(map(str, args)))
            if fit:
                last[0] = 1 - float(fit[1])
                if last[0] <= task["target"]:
                    raise Reached

        begin = time.perf_counter()
        pyttb.cp_als.__globals__["print"] = watch
        try:
            als(x, start, maxiters=LIMIT, printitn=1)
        except Reached:
            pass
        finally:
            pyttb.cp_als.__globals__["print"] = builtins.print
        return {
            "seconds": time.perf_counter() - begin, "error": last[0],
            "capped": last[0] > task["target"], "result_bytes": result_bytes(task),
        }

    rng, order = np.random.default_rng(0), len(task["shape"])
    als(pyttb.tensor(rng.standard_normal((6,) * order)), rng.standard_normal((order, 6, rank)), maxiters=1, printitn=0)
    # Its memory is in Fortran order.
    return (lambda: pyttb.tensor(np.load(task["files"][0]))), work


run({(job, f.__name__): f for job in ("sweep", "fit") for f in (tensorly, pyttb)})
