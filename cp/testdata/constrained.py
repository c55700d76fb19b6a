"""Makes constrained.json, the reference for cp.Constrained.

A 6x5x4 tensor, a quarter of it unknown, rank 2; the first factor is smooth and
not negative, the others are not negative and have columns of norm 1 at most.
SciPy's trust-constr (an interior-point method that knows nothing of tensors)
minimises

    0.5*||X-M||^2/||X||^2 + 0.05*sum of squared first differences of A_0

over all entries of the factors at once, from the best of 20 starts of L-BFGS-B
with the norms penalised.
"""
import json, sys
import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint, minimize

SHAPE, RANK, SMOOTH = (6, 5, 4), 2, 0.1
rng = np.random.default_rng(7)
t = np.linspace(0, 1, SHAPE[0])
A = np.stack([np.exp(-8 * (t - 0.25) ** 2), t ** 2], axis=1)
B = rng.random((SHAPE[1], RANK)); B[0, 0] = B[3, 1] = 0
C = rng.random((SHAPE[2], RANK)); C[1, 0] = C[2, 1] = 0
x = 3 * np.einsum("ir,jr,kr->ijk", A, B, C) + 0.15 * rng.standard_normal(SHAPE)
known = rng.random(SHAPE) > 0.25
x = np.round(x, 4)
norm = np.sqrt((x[known] ** 2).sum())
y = np.where(known, x / norm, 0)
sizes = np.cumsum([s * RANK for s in SHAPE])[:-1]


def split(v):
    return [p.reshape(s, RANK) for p, s in zip(np.split(v, sizes), SHAPE)]


def objective(v):
    a, b, c = split(v)
    r = np.where(known, np.einsum("ir,jr,kr->ijk", a, b, c) - y, 0)
    d = np.diff(a, axis=0)
    f = 0.5 * (r ** 2).sum() + SMOOTH / 2 * (d ** 2).sum()
    ga = np.einsum("ijk,jr,kr->ir", r, b, c)
    ga[1:] += SMOOTH * d
    ga[:-1] -= SMOOTH * d
    gb = np.einsum("ijk,ir,kr->jr", r, a, c)
    gc = np.einsum("ijk,ir,jr->kr", r, a, b)
    return f, np.concatenate([ga.ravel(), gb.ravel(), gc.ravel()])


def norms(v):
    _, b, c = split(v)
    return np.concatenate([(b ** 2).sum(0), (c ** 2).sum(0)])


def norms_jac(v):
    _, b, c = split(v)
    j = np.zeros((2 * RANK, v.size))
    for r in range(RANK):
        j[r, sizes[0] + np.arange(SHAPE[1]) * RANK + r] = 2 * b[:, r]
        j[RANK + r, sizes[1] + np.arange(SHAPE[2]) * RANK + r] = 2 * c[:, r]
    return j


def norms_hess(v, mult):
    h = np.zeros(v.size)
    for r in range(RANK):
        h[sizes[0] + np.arange(SHAPE[1]) * RANK + r] = 2 * mult[r]
        h[sizes[1] + np.arange(SHAPE[2]) * RANK + r] = 2 * mult[RANK + r]
    return np.diag(h)


def penalised(v):
    f, g = objective(v)
    over = np.maximum(norms(v) - 1, 0)
    return f + 10 * (over ** 2).sum(), g + norms_jac(v).T @ (20 * over)


def hess(v):
    h = np.zeros((v.size, v.size))
    for i in range(v.size):
        e = np.zeros(v.size); e[i] = 1e-5
        h[:, i] = (objective(v + e)[1] - objective(v - e)[1]) / 2e-5
    return (h + h.T) / 2


best = None
for s in range(20):
    v0 = rng.random(sum(SHAPE) * RANK) * 0.5
    r = minimize(penalised, v0, jac=True, method="L-BFGS-B", bounds=[(0, None)] * v0.size,
                 options=dict(maxiter=5000, ftol=1e-15, gtol=1e-10))
    if best is None or r.fun < best.fun:
        best = r
r = minimize(objective, np.maximum(best.x, 1e-3), jac=True, hess=hess, method="trust-constr",
             bounds=Bounds(0, np.inf),
             constraints=NonlinearConstraint(norms, -np.inf, 1, jac=norms_jac, hess=norms_hess),
             options=dict(maxiter=5000, gtol=1e-13, xtol=1e-16, barrier_tol=1e-16))
print(r.message, "objective", r.fun, "optimality", r.optimality, "violation", r.constr_violation, file=sys.stderr)
a, b, c = split(r.x)
json.dump(dict(
    shape=SHAPE, rank=RANK, smooth=SMOOTH,
    x=[None if not k else v for v, k in zip(x.ravel().tolist(), known.ravel().tolist())],
    objective=r.fun,
    model=np.round(norm * np.einsum("ir,jr,kr->ijk", a, b, c), 9).ravel().tolist(),
), open(sys.argv[1], "w"), indent=None)
