// Package qasm reads and writes circuits in OpenQASM: version 2, and of
// version 3 what is static, so that the gates are known before the circuit
// runs.
//
// What is read: qubits and bits, registers and gates applied to all of one,
// gate definitions, the modifiers ctrl, negctrl, inv and pow, aliases, constants
// and classical variables with expressions, for and while loops and if with
// conditions that are known, barriers (which are passed over), and measurements
// at the end. qelib1.inc and stdgates.inc are built in; other files are
// included by [Open] only. What depends on a measurement, a reset after a
// gate, a gate after a measurement, input parameters, subroutines, timing and
// pulses are refused, with the file, the line and the column.
//
// U of version 3 is e^(iθ/2) times that of version 2, and u2 and u3 of
// stdgates.inc have a phase of their own, as the specification says
// (https://openqasm.com); their controlled forms tell the difference. CX is the
// controlled x in both. Qubits are numbered in the order of their
// declarations; bits as well.
package qasm
