// Ten layers of gates on neighbours of 20 qubits, begun from varied angles.
OPENQASM 3.0;
include "stdgates.inc";
const int n = 20;
qubit[n] q;
for int layer in [0:9] {
  for int i in [0:n-1] { ry(0.3 + 0.7*i + 1.1*layer) q[i]; rz(0.5*i - 0.2*layer) q[i]; }
  for int i in [layer % 2:2:n-2] { cx q[i], q[i+1]; }
}
