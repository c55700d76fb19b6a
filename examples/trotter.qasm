// Eight steps of the transverse-field Ising chain, ZZ + 0.8 X, on 12 qubits.
OPENQASM 3.0;
include "stdgates.inc";
const int n = 12;
qubit[n] q;
for int step in [1:8] {
  for int i in [0:2:n-2] { cx q[i], q[i+1]; rz(0.2) q[i+1]; cx q[i], q[i+1]; }
  for int i in [1:2:n-3] { cx q[i], q[i+1]; rz(0.2) q[i+1]; cx q[i], q[i+1]; }
  for int i in [0:n-1] { rx(0.16) q[i]; }
}
