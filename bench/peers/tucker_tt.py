"""The peers' side of bench/cmd/tuckertt: one case, given as JSON in the only
argument, its result as JSON on standard output.

    python tucker_tt.py '{"kind": "tucker", "peer": "tensorly", "data": "x.npy", "ranks": [20, 20, 20]}'

needs numpy, and what the peer's name says: tensorly, pyttb, tntorch.
"""

import json
import pathlib
import sys
import time
from importlib.metadata import version

import numpy as np

CASE = json.loads(sys.argv[1])


def memory(key):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return 1024 * int(line.split()[1])
    return 0


def tensorly_tucker(x, case):
    import tensorly as tl
    from tensorly.decomposition import tucker

    core, factors = tucker(x, rank=case["ranks"], n_iter_max=case["iters"], tol=0)
    return (lambda: tl.tucker_to_tensor((core, factors))), list(core.shape)


def pyttb_hosvd(x, case):
    import pyttb

    # Its memory is in Fortran order: the transpose needs no copy.
    t = pyttb.hosvd(pyttb.tensor(x.T, copy=False), tol=0.5, verbosity=-1, ranks=case["ranks"][::-1])
    return (lambda: t.full().data.T), list(t.core.shape)[::-1]


def tensorly_tt(x, case):
    import tensorly as tl
    from tensorly.decomposition import tensor_train

    f = tensor_train(x, rank=[1] + case["ranks"] + [1])
    return (lambda: tl.tt_to_tensor(f)), [int(g.shape[2]) for g in f.factors[:-1]]


def tntorch_tt(x, case):
    import tntorch
    import torch

    t = tntorch.Tensor(torch.from_numpy(x))
    t.round_tt(eps=case["eps"], algorithm=case["algorithm"])
    return (lambda: t.numpy()), [int(r) for r in t.ranks_tt[1:-1]]


def tntorch_round(cores, case):
    import tntorch
    import torch

    t = tntorch.Tensor([torch.from_numpy(c) for c in cores])
    t.round_tt(rmax=case["ranks"][0], algorithm=case["algorithm"])

    def difference():
        d = tntorch.Tensor([torch.from_numpy(c) for c in cores]) - t
        d.orthogonalize(0)
        return float(torch.linalg.norm(d.cores[0]))

    return difference, [int(r) for r in t.ranks_tt[1:-1]]


def train_norm(cores):
    """The norm of a train, by QR factorisations from the left."""
    r = np.ones((1, 1))
    for g in cores:
        a, i, b = g.shape
        r = np.linalg.qr((r @ g.reshape(a, i * b)).reshape(-1, b), mode="r")
    return float(np.linalg.norm(r))


def main():
    run = {
        ("tucker", "tensorly"): tensorly_tucker,
        ("tucker", "pyttb"): pyttb_hosvd,
        ("tt", "tensorly"): tensorly_tt,
        ("tt", "tntorch"): tntorch_tt,
        ("round", "tntorch"): tntorch_round,
    }[CASE["kind"], CASE["peer"]]
    # Imports and first calls are not measured.
    rng = np.random.default_rng(0)
    small = dict(CASE)
    if CASE["kind"] == "round":
        small["ranks"] = [3]
        run([rng.standard_normal(s) for s in ((1, 4, 6), (6, 4, 6), (6, 4, 1))], small)
    else:
        order = len(np.load(CASE["data"], mmap_mode="r").shape)
        small["ranks"] = [2] * len(CASE.get("ranks", []))
        run(rng.standard_normal((4,) * order), small)
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    if CASE["kind"] == "round":
        flat, x, at = np.load(CASE["data"]), [], 0
        for shape in CASE["shapes"]:
            size = int(np.prod(shape))
            x.append(flat[at : at + size].reshape(shape))
            at += size
    else:
        x = np.load(CASE["data"])
    times = []
    while not times or sum(times) < 0.3:
        begin = time.perf_counter()
        model, ranks = run(x, CASE)
        times.append(time.perf_counter() - begin)
    peak = memory("VmHWM") - before
    if CASE["kind"] == "round":
        error = model() / train_norm(x)
    else:
        error = float(np.linalg.norm(model() - x) / np.linalg.norm(x))
    print(json.dumps({
        "seconds": sorted(times)[len(times) // 2], "calls": len(times), "error": error, "ranks": ranks,
        "peak_bytes": peak, "config": f"{CASE['peer']} {version(CASE['peer'])}, numpy {np.__version__}",
    }))


main()
