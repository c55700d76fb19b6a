"""Real data of which a tenth is known; see bench/internal/cases/completion.go.

A model is fitted for each rank, from two starts. The error is the least of all
of them on the cells that were left out, which is more than one could know; the
time is that of all fits.
"""

import numpy as np
import scipy.io

from common import run

RANKS = (1, 2, 3, 4, 5, 6, 8)
STARTS = 2
LIMIT = 200  # sweeps or iterations


def mixed(z):
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def load(task):
    x = next(v for k, v in scipy.io.loadmat(task["files"][0]).items() if not k.startswith("__")).astype(float)
    at = np.arange(x.size, dtype=np.uint64).reshape(x.shape) + (np.uint64(task["seed"]) << np.uint64(32))
    chosen = mixed(at) % np.uint64(task["iters"]) == 0
    return x, (x != 0) & chosen, (x != 0) & ~chosen


def best(task, fit):
    """The job of a function that gives the array of a model."""

    def work(data):
        x, known, out = data
        least = np.inf
        for rank in RANKS:
            for start in range(STARTS):
                m = fit(np.where(known, x, 0.0), known, rank, STARTS * task["seed"] + start)
                least = min(least, float(np.sqrt(np.mean((m - x)[out] ** 2))))
        return {"error": least}

    return (lambda: load(task)), work


def tensorly(task):
    import tensorly as tl
    from tensorly.decomposition import parafac

    def fit(x, known, rank, seed):
        model = parafac(x, rank, init="random", mask=known.astype(float), random_state=seed, n_iter_max=LIMIT, tol=1e-6)
        return tl.cp_to_tensor(model)

    return best(task, fit)


def pyttb_gcp(task):
    import pyttb
    from pyttb.gcp.handles import Objectives
    from pyttb.gcp.optimizers import LBFGSB

    def fit(x, known, rank, seed):
        np.random.seed(seed)
        scale = np.sqrt(np.mean(x[known] ** 2))
        mask = pyttb.tensor(known.astype(float))
        model = pyttb.gcp_opt(pyttb.tensor(x / scale), rank, Objectives.GAUSSIAN, LBFGSB(maxiter=LIMIT, iprint=-1), mask=mask, printitn=0)[0]
        return scale * model.full().data

    return best(task, fit)


run({("completion", "tensorly"): tensorly, ("completion", "pyttb"): pyttb_gcp})
