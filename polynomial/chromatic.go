package polynomial

import (
	"context"
	"math/big"
)

// Chromatic are the coefficients of the chromatic polynomial of a graph, the
// number of its colourings with k colours as a polynomial in k, from that of
// k^0 on. Of n nodes and m edges it begins with k^n - m k^(n-1); the rest is
// interpolated from [Colorings] with up to n-2 colours. A graph with a loop has
// the polynomial 0.
func Chromatic(ctx context.Context, g *Graph, memory int64) ([]*big.Int, error) {
	n, m := len(g.Nodes), 0
	for i := range n {
		for j := range i + 1 {
			if g.Adjacency.At(i, j) == 0 && g.Adjacency.At(j, i) == 0 {
				continue
			}
			if i == j {
				return []*big.Int{new(big.Int)}, nil
			}
			m++
		}
	}
	c := make([]*big.Int, n+1)
	for i := range c {
		c[i] = new(big.Int)
	}
	// What is left without the two leading terms, at 0, 1, …, n-2.
	rest := make([]*big.Int, max(n-1, 0))
	for k := range rest {
		v, err := Colorings(ctx, g, k, memory)
		if err != nil {
			return nil, err
		}
		x := big.NewInt(int64(k))
		power := new(big.Int).Exp(x, big.NewInt(int64(n-1)), nil)
		v.Sub(v, new(big.Int).Mul(power, x))
		rest[k] = v.Add(v, power.Mul(power, big.NewInt(int64(m))))
	}
	// Newton: Σ_j Δ^j/j! k(k-1)…(k-j+1).
	falling := []*big.Int{big.NewInt(1)}
	factorial := big.NewInt(1)
	for j := range rest {
		if j > 0 {
			factorial.Mul(factorial, big.NewInt(int64(j)))
		}
		d := new(big.Int).Quo(rest[0], factorial)
		for i, f := range falling {
			c[i].Add(c[i], new(big.Int).Mul(d, f))
		}
		for k := range len(rest) - 1 {
			rest[k] = new(big.Int).Sub(rest[k+1], rest[k])
		}
		rest = rest[:len(rest)-1]
		next := make([]*big.Int, len(falling)+1) // times (k - j)
		for i := range next {
			next[i] = new(big.Int)
		}
		for i, f := range falling {
			next[i+1].Add(next[i+1], f)
			next[i].Sub(next[i], new(big.Int).Mul(f, big.NewInt(int64(j))))
		}
		falling = next
	}
	c[n].Add(c[n], big.NewInt(1))
	if n > 0 {
		c[n-1].Sub(c[n-1], big.NewInt(int64(m)))
	}
	return c, nil
}
