"""A CP model with constraints and unknown entries by SciPy; see
bench/internal/cases/constrained.go and bench/fixtures/constrained.py.

The first factor is smooth and not negative, the others are not negative and
have columns of norm 1 at most. trust-constr (an interior-point method that
knows nothing of tensors) minimises

    0.5*||X-M||^2/||X||^2 + smooth/2 * sum of squared first differences of A_0

over all entries of the factors at once, from the best of so many starts of
L-BFGS-B with the norms penalised.
"""

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint, minimize

from common import run


def solve(x, rank, smooth, rng, starts=20, tol=1e-13):
    """SciPy's result for an array with NaN where it is unknown, and the model."""
    shape = x.shape
    known = ~np.isnan(x)
    norm = np.sqrt((x[known] ** 2).sum())
    y = np.where(known, x / norm, 0)
    sizes = np.cumsum([s * rank for s in shape])[:-1]

    def split(v):
        return [p.reshape(s, rank) for p, s in zip(np.split(v, sizes), shape)]

    def objective(v):
        a, b, c = split(v)
        r = np.where(known, np.einsum("ir,jr,kr->ijk", a, b, c) - y, 0)
        d = np.diff(a, axis=0)
        f = 0.5 * (r ** 2).sum() + smooth / 2 * (d ** 2).sum()
        ga = np.einsum("ijk,jr,kr->ir", r, b, c)
        ga[1:] += smooth * d
        ga[:-1] -= smooth * d
        gb = np.einsum("ijk,ir,kr->jr", r, a, c)
        gc = np.einsum("ijk,ir,jr->kr", r, a, b)
        return f, np.concatenate([ga.ravel(), gb.ravel(), gc.ravel()])

    def norms(v):
        _, b, c = split(v)
        return np.concatenate([(b ** 2).sum(0), (c ** 2).sum(0)])

    def norms_jac(v):
        _, b, c = split(v)
        j = np.zeros((2 * rank, v.size))
        for r in range(rank):
            j[r, sizes[0] + np.arange(shape[1]) * rank + r] = 2 * b[:, r]
            j[rank + r, sizes[1] + np.arange(shape[2]) * rank + r] = 2 * c[:, r]
        return j

    def norms_hess(v, mult):
        h = np.zeros(v.size)
        for r in range(rank):
            h[sizes[0] + np.arange(shape[1]) * rank + r] = 2 * mult[r]
            h[sizes[1] + np.arange(shape[2]) * rank + r] = 2 * mult[rank + r]
        return np.diag(h)

    def penalised(v):
        f, g = objective(v)
        over = np.maximum(norms(v) - 1, 0)
        return f + 10 * (over ** 2).sum(), g + norms_jac(v).T @ (20 * over)

    def hess(v):
        h = np.zeros((v.size, v.size))
        for i in range(v.size):
            e = np.zeros(v.size)
            e[i] = 1e-5
            h[:, i] = (objective(v + e)[1] - objective(v - e)[1]) / 2e-5
        return (h + h.T) / 2

    best = None
    for _ in range(starts):
        v0 = rng.random(sum(shape) * rank) * 0.5
        r = minimize(penalised, v0, jac=True, method="L-BFGS-B", bounds=[(0, None)] * v0.size,
                     options=dict(maxiter=5000, ftol=1e-15, gtol=1e-10))
        if best is None or r.fun < best.fun:
            best = r
    r = minimize(objective, np.maximum(best.x, 1e-3), jac=True, hess=hess, method="trust-constr",
                 bounds=Bounds(0, np.inf),
                 constraints=NonlinearConstraint(norms, -np.inf, 1, jac=norms_jac, hess=norms_hess),
                 options=dict(maxiter=5000, gtol=tol, xtol=tol / 1000, barrier_tol=tol / 1000))
    return r, norm * np.einsum("ir,jr,kr->ijk", *split(r.x))


def constrained(task):
    def work(x):
        r, model = solve(x, task["ranks"][0], task["eps"], np.random.default_rng(0), starts=100, tol=1e-12)
        return {"error": float(r.fun), "check": model.ravel().tolist()}

    return (lambda: np.load(task["files"][0])), work


if __name__ == "__main__":
    run({("constrained", "scipy"): constrained})
