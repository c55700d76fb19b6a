// Package jones computes Jones polynomials of knots and links exactly, as
// contractions of tensor networks.
//
// The closure of a braid is a network of one tensor of shape 2×2×2×2 a
// crossing,
//
//	X = A·1 + A^-1 |M><M|,  M = [[0, iA], [-i/A, 0]],  or A^-1·1 + A |M><M|,
//
// for the two signs, and one diagonal matrix M Mᵀ where a strand closes; the
// first strand is cut instead of closed. Its value B is the Kauffman bracket over
// that of the unknot, and with the writhe w
//
//	V(t) = (-A^3)^(-w) B,  t = A^-4
//
// is the Jones polynomial (Kauffman 1987, https://doi.org/10.1016/0040-9383(87)90009-7;
// Jones 1985, https://doi.org/10.1090/S0273-0979-1985-15304-2).
//
//	knot, err := jones.Named("4_1")          // or ParseBraid("-1 2 -1 2")
//	v, err := jones.Polynomial(ctx, knot)    // t^-2 - t^-1 + 1 - t + t^2
//
// Planar diagrams ([Diagram]) are joined crossing by crossing, and so are closures
// of braids as long as the diagram takes no more than 1 GiB: T(12,11) takes 0.3.
// Braids beyond are contracted as networks, or refused, with the figures.
package jones
