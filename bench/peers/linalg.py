"""Factorisations by SciPy; see bench/internal/cases/linalg.go."""

import numpy as np
import scipy.linalg as la

from common import run


def diagonal(a):
    return np.abs(np.diag(a)).tolist()


def qr(a):
    q, r = la.qr(a, mode="economic", check_finite=False)
    return diagonal(r)


def svd(a):
    u, s, vt = la.svd(a, full_matrices=False, check_finite=False)
    return s.tolist()


def eigh(a):
    w, v = la.eigh(a, driver="evd", check_finite=False)
    return w[::-1].tolist()


def cholesky(a):
    return diagonal(la.cholesky(a, lower=True, check_finite=False))


def job(call):
    def prepare(task):
        call(np.load(task["files"][0], mmap_mode="r")[:64, :64])
        return (lambda: np.load(task["files"][0])), (lambda a: {"check": call(a)})

    return prepare


run({(f.__name__, "scipy"): job(f) for f in (qr, svd, eigh, cholesky)})
