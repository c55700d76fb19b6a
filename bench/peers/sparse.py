"""Sparse tensors by pyttb; see bench/internal/cases/sparse.go."""

import time

import numpy as np
import pyttb

from common import run


def factors_of(task):
    """The factors that both sides use."""
    r = np.arange(task["ranks"][0])
    return [0.5 + ((131 * np.arange(s)[:, None] + 31 * r + 17 * n) % 97) / 97 for n, s in enumerate(task["shape"])]


def load(task):
    order = len(task["shape"])
    raw = np.fromfile(task["files"][0], dtype=np.uint8)
    count = raw.size // (4 * order + 8)
    index = raw[: 4 * order * count].view(np.int32).reshape(order, count)
    values = np.frombuffer(raw[4 * order * count :].tobytes(), dtype=np.float64)
    return pyttb.sptensor(np.ascontiguousarray(index.T.astype(np.int64)), values[:, None].copy(), tuple(task["shape"]))


def mttkrp(task):
    def work(x):
        factors = factors_of(task)
        begin = time.perf_counter()
        out = [x.mttkrp(factors, n) for n in range(len(factors))]
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "check": [float(np.ravel(m) @ (np.arange(m.size) % 7)) for m in out]}

    return (lambda: load(task)), work


def als(task):
    def work(x):
        # A sweep takes so long that what comes before it does not matter.
        start = pyttb.ktensor([np.asfortranarray(f) for f in factors_of(task)])
        begin = time.perf_counter()
        out = pyttb.cp_als(x, task["ranks"][0], init=start, stoptol=0, maxiters=1 + task["iters"], printitn=0)[2]
        return {"seconds": (time.perf_counter() - begin) / (1 + task["iters"]), "error": float(1 - out["fit"])}

    return (lambda: load(task)), work


def read(task):
    def work(path):
        begin = time.perf_counter()
        x = pyttb.import_data(path)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "check": [float(x.nnz), float(x.vals.sum())]}

    return (lambda: task["files"][0]), work


run({(f.__name__, "pyttb"): f for f in (mttkrp, als, read)})
