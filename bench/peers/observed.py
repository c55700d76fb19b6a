"""Models of incomplete data by TensorLy; see bench/internal/cases/observed.go.

It takes the tensor with a mask, and imputes; it is stopped when the error of
the cells that were left out is at most the target, which is looked at after
every tenth sweep, without counting the time.
"""

import time

import numpy as np

from common import run

NOISE = 0.1
LIMIT = 500  # sweeps


def observed(task):
    from tensorly.decomposition import parafac

    rank, shape = task["ranks"][0], tuple(task["shape"])

    def load():
        rows = np.load(task["files"][0])
        index, values = rows[:, :3].astype(np.int64).T, rows[:, 3]
        known = task["iters"]
        x, mask = np.zeros(shape), np.zeros(shape)
        x[tuple(index[:, :known])] = values[:known]
        mask[tuple(index[:, :known])] = 1
        return x, mask, index[:, known:], values[known:]

    def work(data):
        x, mask, index, values = data
        rng = np.random.default_rng(task["seed"])
        state = {"sweep": 0, "apart": 0.0, "error": np.inf}

        def watch(model, _):
            begin = time.perf_counter()
            state["sweep"] += 1
            done = False
            if state["sweep"] % 10 == 0:
                weights, factors = model
                cells = np.tile(weights, (len(values), 1))
                for f, i in zip(factors, index):
                    cells *= f[i]
                state["error"] = float(np.sqrt(np.mean((cells.sum(axis=1) - values) ** 2)) / NOISE)
                done = state["error"] <= task["target"]
            state["apart"] += time.perf_counter() - begin
            return done

        first = (np.ones(rank), [rng.standard_normal((n, rank)) for n in shape])
        begin = time.perf_counter()
        parafac(x.copy(), rank, init=first, mask=mask, tol=1e-30, n_iter_max=LIMIT, callback=watch)
        seconds = time.perf_counter() - begin - state["apart"]
        return {"seconds": seconds, "error": state["error"], "capped": state["error"] > task["target"]}

    return load, work


run({("observed", "tensorly"): observed})
