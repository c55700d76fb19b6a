"""Models of counts by pyttb; see bench/internal/cases/counts.go."""

import numpy as np
import pyttb
from pyttb.gcp.handles import Objectives
from pyttb.gcp.optimizers import Adam

from common import run


def load(task):
    """Subject, relation, object and hour of an event a line."""
    rows = np.loadtxt(task["files"][0], dtype=np.int64)[:, :4]
    rows[:, 3] //= 24
    index, count = np.unique(rows, axis=0, return_counts=True)
    return pyttb.sptensor(index, count[:, None].astype(float), tuple(int(n) + 1 for n in index.max(axis=0)))


def loss(x, m):
    """sum(m) - sum(x * log m), over all cells."""
    at_entries, sums = np.tile(m.weights, (x.nnz, 1)), m.weights.copy()
    for n, f in enumerate(m.factor_matrices):
        at_entries *= f[x.subs[:, n]]
        sums = sums * f.sum(axis=0)
    return float(sums.sum() - x.vals[:, 0] @ np.log(at_entries.sum(axis=1) + 1e-10))


def gcp_opt(task):
    def work(x):
        # Of sparse data it fits such losses by sampled gradients alone.
        np.random.seed(0)
        m = pyttb.gcp_opt(x, task["ranks"][0], Objectives.POISSON, Adam(max_iters=task["iters"], epoch_iters=100), printitn=0)[0]
        return {"error": lambda: loss(x, m)}

    return (lambda: load(task)), work


def cp_apr(task):
    def work(x):
        np.random.seed(0)
        m = pyttb.cp_apr(x, task["ranks"][0], algorithm="mu", maxiters=task["iters"], printitn=0)[0]
        return {"error": lambda: loss(x, m)}

    return (lambda: load(task)), work


run({(f.__name__, "pyttb"): f for f in (gcp_opt, cp_apr)})
