"""Contractions by torch and NumPy, and paths by cotengra and opt_einsum; see
bench/internal/cases/einsum.go and networks.go."""

import json
import math
import pathlib
import time

import numpy as np

from common import BUDGET, FEWEST, LONG, run

DTYPES = {"f32": np.float32, "f64": np.float64}


def checksum(c):
    """As measure.Checksum: elements in C order with the weights 0 to 6 in turn."""
    x = np.ascontiguousarray(c).ravel().astype(np.float64)
    return sum(float(w) * float(x[w::7].sum()) for w in range(1, 7))


def repeated(call):
    """The median time of a call, and its last result."""
    out = call()
    times, total = [], 0.0
    while (total < BUDGET or len(times) < FEWEST) and total < LONG or not times:
        begin = time.perf_counter()
        out = call()
        times.append(time.perf_counter() - begin)
        total += times[-1]
    return sorted(times)[len(times) // 2], out


def operand(k, shape, dtype):
    return ((np.arange(math.prod(shape)) + 3 * k) % 7 - 3).astype(dtype).reshape(shape)


def pairwise(task):
    dtype = DTYPES[task["type"]]
    if task["peer"] == "torch":
        import torch

        torch.set_num_threads(task["threads"])
        take, give = torch.from_numpy, lambda c: c.numpy()
        call = torch.einsum
    else:
        take = give = lambda x: x
        call = lambda text, *ops: np.einsum(text, *ops, optimize=True)

    def work(_):
        parts, checks = [], []
        for e in task["equations"]:
            ops = [take(operand(k, shape, dtype)) for k, shape in enumerate(e["shapes"])]
            seconds, out = repeated(lambda: call(e["text"], *ops))
            parts.append({"name": e["text"], "seconds": seconds})
            checks.append(checksum(give(out)))
        mean = math.exp(sum(math.log(p["seconds"]) for p in parts) / len(parts))
        return {"seconds": mean, "parts": parts, "check": checks}

    return lambda: None, work


def network(path):
    """Inputs, output and sizes of a file in one of three forms."""
    d = json.loads(pathlib.Path(path).read_text())
    if "inputs" in d:
        return d["inputs"], d["output"], d["size_dict"], None
    if "einsum" in d:
        letter = lambda i: chr(0xC0 + int(i))  # cotengra's Rust takes labels of one letter alone
        name = lambda terms: [letter(i) for i in terms]
        return [name(t) for t in d["einsum"]["ixs"]], name(d["einsum"]["iy"]), {letter(k): v for k, v in d["size"].items()}, None
    terms, output = d["format_string"].split("->")
    inputs = [list(t) for t in terms.split(",")]
    sizes = {i: s for t, shape in zip(inputs, d["shapes"]) for i, s in zip(t, shape)}
    return inputs, list(output), sizes, d["paths"]["opt_flops"]["path"]


def log10_flops(ctg, inputs, output, sizes, path):
    tree = ctg.ContractionTree.from_path(inputs, output, sizes, path=path)
    return math.log10(tree.contraction_cost())


def hyper(task):
    """cotengra's search for so many seconds, as it does by default: greedy and
    kahypar, chosen by optuna, each order improved by subtree reconfiguration."""
    from concurrent.futures import ProcessPoolExecutor

    import cotengra as ctg
    import kahypar  # noqa: F401, without which and the next it would quietly do less
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pool = ProcessPoolExecutor(task["threads"])
    list(pool.map(math.sqrt, range(8)))  # started before the time runs

    def work(net):
        inputs, output, sizes, _ = net
        opt = ctg.HyperOptimizer(minimize="flops", max_repeats=10**6, max_time=task["eps"], parallel=pool, progbar=False)
        begin = time.perf_counter()
        tree = opt.search(inputs, output, sizes)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "error": math.log10(tree.contraction_cost())}

    return lambda: network(task["files"][0]), work


def greedy(task):
    import cotengra as ctg
    import opt_einsum

    def work(net):
        inputs, output, sizes, _ = net
        sets = [frozenset(t) for t in inputs]
        begin = time.perf_counter()
        path = opt_einsum.paths.greedy(sets, frozenset(output), sizes)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "error": lambda: log10_flops(ctg, inputs, output, sizes, path)}

    return lambda: network(task["files"][0]), work


def optimal(task):
    import cotengra as ctg
    from cotengra.pathfinders.path_basic import optimize_optimal

    def work(net):
        inputs, output, sizes, _ = net
        begin = time.perf_counter()
        path = optimize_optimal(inputs, output, sizes, minimize="flops")
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "error": lambda: log10_flops(ctg, inputs, output, sizes, path)}

    return lambda: network(task["files"][0]), work


def execute(task):
    """cotengra contracts arrays of torch along the path that the file has."""
    import cotengra as ctg
    import torch

    torch.set_num_threads(task["threads"])

    def load():
        inputs, output, sizes, path = network(task["files"][0])
        tree = ctg.ContractionTree.from_path(inputs, output, sizes, path=path)
        arrays = []
        for k, t in enumerate(inputs):
            shape = [sizes[i] for i in t]
            arrays.append(torch.from_numpy(positive(k, shape)))
        return tree, arrays

    def work(data):
        tree, arrays = data
        out = tree.contract(arrays)
        return {"check": lambda: [checksum(out.numpy()), float(out.sum())]}

    return load, work


def positive(k, shape):
    """Numbers about 1 / sqrt(size of a tensor's last axis), which keep sums within range."""
    x = 1 + operand(k, shape, np.float64) / 16
    return x / math.sqrt(shape[-1] if shape else 1)


if __name__ == "__main__":
    run({
        ("pairwise", "torch"): pairwise, ("pairwise", "numpy"): pairwise,
        ("hyper", "cotengra"): hyper, ("greedy", "opt_einsum"): greedy, ("optimal", "cotengra"): optimal,
        ("execute", "cotengra"): execute,
    })
