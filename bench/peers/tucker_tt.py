"""Tucker models and tensor trains by TensorLy, pyttb and tntorch; see
bench/internal/cases/tucker.go and tt.go."""

import numpy as np

from common import run


def error_of(model, x):
    """A function, since reconstruction is not part of the task."""
    return lambda: float(np.linalg.norm(model() - x) / np.linalg.norm(x))


def tensorly_hooi(x, task):
    import tensorly as tl
    from tensorly.decomposition import tucker

    core, factors = tucker(x, rank=task["ranks"], n_iter_max=task["iters"], tol=0)
    return {"ranks": list(core.shape), "error": error_of(lambda: tl.tucker_to_tensor((core, factors)), x)}


def pyttb_hosvd(x, task):
    import pyttb

    # Its memory is in Fortran order: the transpose needs no copy.
    t = pyttb.hosvd(pyttb.tensor(x.T, copy=False), tol=0.5, verbosity=-1, ranks=task["ranks"][::-1])
    return {"ranks": list(t.core.shape)[::-1], "error": error_of(lambda: t.full().data.T, x)}


def tensorly_tt(x, task):
    import tensorly as tl
    from tensorly.decomposition import tensor_train

    f = tensor_train(x, rank=[1] + task["ranks"] + [1])
    return {"ranks": [int(g.shape[2]) for g in f.factors[:-1]], "error": error_of(lambda: tl.tt_to_tensor(f), x)}


def tntorch_tt(x, task):
    import tntorch
    import torch

    t = tntorch.Tensor(torch.from_numpy(x))
    t.round_tt(eps=task["eps"], algorithm=task["method"])
    return {"ranks": [int(r) for r in t.ranks_tt[1:-1]], "error": error_of(t.numpy, x)}


def tntorch_round(cores, task):
    import tntorch
    import torch

    t = tntorch.Tensor([torch.from_numpy(c) for c in cores])
    t.round_tt(rmax=task["ranks"][0], algorithm=task["method"])

    def error():
        d = tntorch.Tensor([torch.from_numpy(c) for c in cores]) - t
        d.orthogonalize(0)
        return float(torch.linalg.norm(d.cores[0])) / train_norm(cores)

    return {"ranks": [int(r) for r in t.ranks_tt[1:-1]], "error": error}


def train_norm(cores):
    """The norm of a train, by QR factorisations from the left."""
    r = np.ones((1, 1))
    for g in cores:
        a, i, b = g.shape
        r = np.linalg.qr((r @ g.reshape(a, i * b)).reshape(-1, b), mode="r")
    return float(np.linalg.norm(r))


def load_cores(task):
    """The cores of a file, which lie one after the other."""
    count, n, r = task["shape"]
    flat, at, cores = np.load(task["files"][0]), 0, []
    for k in range(count):
        shape = (1 if k == 0 else r, n, 1 if k == count - 1 else r)
        size = int(np.prod(shape))
        cores.append(flat[at : at + size].reshape(shape))
        at += size
    return cores


def job(call):
    def prepare(task):
        # Imports and first calls are not measured.
        rng = np.random.default_rng(0)
        if task["job"] == "round":
            call([rng.standard_normal(s) for s in ((1, 4, 6), (6, 4, 6), (6, 4, 1))], task | {"ranks": [3]})
            return (lambda: load_cores(task)), (lambda cores: call(cores, task))
        order = len(task["shape"])
        call(rng.standard_normal((4,) * order), task | {"ranks": [2] * len(task.get("ranks", []))})
        return (lambda: np.load(task["files"][0])), (lambda x: call(x, task))

    return prepare


run({
    ("hooi", "tensorly"): job(tensorly_hooi),
    ("sthosvd", "pyttb"): job(pyttb_hosvd),
    ("tt", "tensorly"): job(tensorly_tt),
    ("tt", "tntorch"): job(tntorch_tt),
    ("round", "tntorch"): job(tntorch_round),
})
