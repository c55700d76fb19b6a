// (|0000> + |1111>) / sqrt(2)
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
h q[0];
for int i in [0:2] { cx q[i], q[i+1]; }
