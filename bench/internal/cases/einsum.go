package cases

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// equation is a contraction of two tensors with the size of each label.
type equation struct {
	text  string
	sizes map[byte]int
}

// tccg are the 24 contractions of Springer & Bientinesi (2018,
// https://doi.org/10.1145/3157733), from those that memory holds up to those
// that arithmetic does. They count the first index as the fastest, so that
// labels are reversed here. Sizes are about two thirds of theirs.
func tccg() []equation {
	const few = 24
	var list []equation
	add := func(sizes map[byte]int, names ...string) {
		for _, name := range names {
			part := strings.Split(name, "-")
			list = append(list, equation{reversed(part[1]) + "," + reversed(part[2]) + "->" + reversed(part[0]), sizes})
		}
	}
	all := func(size int, labels string) map[byte]int {
		sizes := map[byte]int{}
		for i := range labels {
			sizes[labels[i]] = size
		}
		return sizes
	}
	with := func(sizes map[byte]int, label byte, size int) map[byte]int {
		sizes[label] = size
		return sizes
	}
	add(map[byte]int{'a': 32, 'b': 24, 'c': 16, 'd': 24, 'e': 32, 'f': 24}, "abcde-efbad-cf")
	add(map[byte]int{'a': 32, 'b': 16, 'c': 24, 'd': 24, 'e': 32, 'f': 24}, "abcde-efcad-bf")
	add(with(all(48, "abde"), 'c', few), "abcd-dbea-ec")
	add(map[byte]int{'a': 32, 'b': 24, 'c': 24, 'd': 16, 'e': 32, 'f': 32}, "abcde-ecbfa-fd")
	add(with(all(48, "acde"), 'b', few), "abcd-deca-be")
	add(with(all(192, "abd"), 'c', few), "abc-bda-dc")
	add(with(all(48, "abde"), 'c', few), "abcd-ebad-ce")
	add(map[byte]int{'a': 16, 'b': 12, 'c': 12, 'd': 16, 'e': 12, 'f': 12, 'g': few},
		"abcdef-dega-gfbc", "abcdef-dfgb-geac", "abcdef-degb-gfac", "abcdef-degc-gfab")
	add(map[byte]int{'a': 192, 'b': few, 'c': 184, 'd': 192}, "abc-dca-bd")
	add(all(48, "abcde"), "abcd-ea-ebcd", "abcd-eb-aecd", "abcd-ec-abed", "abc-adec-ebd")
	add(map[byte]int{'a': 192, 'b': 184, 'c': 192, 'd': 192}, "ab-cad-dcb")
	add(map[byte]int{'a': 192, 'b': 184, 'c': 184, 'd': 192}, "ab-acd-dbc", "abc-acd-db")
	add(map[byte]int{'a': 192, 'b': 192, 'c': 184, 'd': 184}, "abc-adc-bd")
	add(all(1536, "abc"), "ab-ac-cb")
	add(all(48, "abcdef"), "abcd-aebf-fdec", "abcd-eafd-fbec", "abcd-aebf-dfce")
	return list
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// matmuls are matrix products, batched and transposed in all ways, and those
// of attention on tensors of batch × position × head × feature.
func matmuls() []equation {
	size := func(pairs ...any) map[byte]int {
		m := map[byte]int{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)[0]] = pairs[i+1].(int)
		}
		return m
	}
	square := size("i", 1024, "j", 1024, "k", 1024)
	heads := size("b", 4, "h", 8, "q", 256, "k", 256, "d", 64)
	return []equation{
		{"ij,jk->ik", square}, {"ij,kj->ik", square}, {"ji,jk->ik", square}, {"ji,kj->ik", square}, {"ij,jk->ki", square},
		{"bij,bjk->bik", size("b", 64, "i", 256, "j", 256, "k", 256)},
		{"bij,bjk->bik", size("b", 4096, "i", 16, "j", 16, "k", 16)},
		{"bij,bkj->bik", size("b", 512, "i", 64, "j", 64, "k", 64)},
		{"bji,bjk->bik", size("b", 512, "i", 64, "j", 64, "k", 64)},
		{"ijb,jkb->ikb", size("b", 512, "i", 32, "j", 32, "k", 32)},
		{"bqhd,bkhd->bhqk", heads}, {"bhqk,bkhd->bqhd", heads},
		{"ij,j->i", size("i", 4096, "j", 4096)},
	}
}

// shapes are those of the two operands.
func (e equation) shapes() (shapes [2][]int) {
	in, _, _ := strings.Cut(e.text, "->")
	for k, labels := range strings.Split(in, ",") {
		for i := range labels {
			shapes[k] = append(shapes[k], e.sizes[labels[i]])
		}
	}
	return shapes
}

// pairwise are contractions of two tensors, one after the other. The figures
// are geometric means, so that the ratio is that of the ratios.
func pairwise() []Case {
	var list []Case
	for _, group := range []struct {
		name      string
		equations []equation
	}{{"tccg", tccg()}, {"matmul", matmuls()}} {
		for _, kind := range kinds {
			for _, peer := range []struct {
				name string
				bar  Bar
			}{{"torch", Bar{Ratio: 1.3, Worst: 0.8}}, {"numpy", Bar{Ratio: 5}}} {
				c := Case{
					Name: fmt.Sprintf("einsum/%s/type=%s/peer=%s", group.name, kind, peer.name), Tool: "einsum.py", Threads: two, Bar: peer.bar,
					Task:  measure.Task{Job: "pairwise", Peer: peer.name, Type: kind},
					Equal: sameChecks(tolerance(kind)), Ours: byType(kind, pairwiseOf[float32], pairwiseOf[float64]),
					Calls: math.Inf(1), // a part of the list says nothing of its mean
				}
				for _, e := range group.equations {
					c.Task.Equations = append(c.Task.Equations, measure.Equation{Text: e.text, Shapes: e.shapes()})
				}
				list = append(list, c)
			}
		}
	}
	return list
}

// operandOf is the integers -3 to 3 in turn from a place that depends on the
// operand, as bench/peers/einsum.py makes them; products of them are exact.
func operandOf[T float32 | float64](k int, shape []int) *tensor.Dense[T] {
	x := tensor.New[T](shape...)
	for i, data := 0, x.Raw(); i < len(data); i++ {
		data[i] = T((i+3*k)%7 - 3)
	}
	return x
}

func pairwiseOf[T float32 | float64](t measure.Task) (o measure.Outcome, err error) {
	ctx := context.Background()
	for _, e := range t.Equations {
		a, b := operandOf[T](0, e.Shapes[0]), operandOf[T](1, e.Shapes[1])
		var c *tensor.Dense[T]
		work := func() error {
			c, err = einsum.Contract(ctx, e.Text, a, b)
			return err
		}
		var part measure.Outcome
		if err := measure.Start().Run(&part, work, work); err != nil {
			return o, err
		}
		o.AddPart(e.Text, part)
		o.Check = append(o.Check, measure.Checksum(c.Data()))
	}
	return o, nil
}
