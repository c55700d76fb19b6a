"""Circuits of gates on neighbours by the matrix product states of quimb and
Qiskit Aer; see bench/internal/cases/circuits.go."""

import math
import re

import numpy as np

from common import run


def gates(task):
    """The pairs of a gate and its first qubit, layer after layer."""
    n, depth, _ = task["shape"]
    u = np.load(task["files"][0]).view(np.complex128).reshape(-1, 4, 4)
    sites = [k for layer in range(depth) for k in range(layer % 2, n - 1, 2)]
    return list(zip(u, sites))


def quimb(task):
    import quimb.tensor as qtn

    n, _, bond = task["shape"]

    def circuit(all, bond):
        c = qtn.CircuitMPS(n, max_bond=bond, cutoff=task["eps"])
        for u, k in all:
            c.apply_gate_raw(u, [k, k + 1])
        return c

    def work(all):
        c = circuit(all, bond)
        return {"error": lambda: -math.log(c.fidelity_estimate())}

    circuit(gates(task), 4)
    return lambda: gates(task), work


def aer(task):
    from qiskit import QuantumCircuit
    from qiskit_aer import AerSimulator

    n, _, bond = task["shape"]

    def simulator(bond):
        # It takes the memory of a state without a limit on the bonds, and
        # refuses the circuit unless it is told that there is as much.
        return AerSimulator(
            method="matrix_product_state", matrix_product_state_max_bond_dimension=bond,
            matrix_product_state_truncation_threshold=task["eps"], mps_log_data=True,
            fusion_enable=False, max_parallel_threads=task["threads"], max_memory_mb=2**52)

    def load():
        c = QuantumCircuit(n)
        for u, k in gates(task):
            c.unitary(u, [k + 1, k])  # its first qubit is the least significant
        c.save_amplitudes([0])
        return c

    def work(c):
        result = simulator(bond).run(c, shots=1).result()
        if not result.success:
            raise RuntimeError(result.status)
        log = result.results[0].metadata["MPS_log_data"]
        return {"error": lambda: lost(log, c.size() - 1)}

    def lost(log, gates):
        """The log goes on from run to run: its last gates count."""
        last = "".join(re.split(r"I[0-9]+:unitary", log)[-gates:])
        return -sum(math.log1p(-float(x)) for x in re.findall(r"discarded_value=([0-9.e+-]+)", last))

    simulator(4).run(load(), shots=1).result()
    return load, work


if __name__ == "__main__":
    run({("brickwork", "quimb"): quimb, ("brickwork", "qiskit-aer"): aer})
