package network

import (
	"fmt"
	"io"
	"strings"
)

// WriteDOT writes the network as a graph in the language of Graphviz: a node
// a tensor, an edge a bond with its index and size. Open indices end in
// points; an index of three or more tensors is a point of its own.
func (n *Network[T]) WriteDOT(w io.Writer) error {
	var b strings.Builder
	b.WriteString("graph network {\n  node [shape=ellipse];\n")
	ends := map[string][]int{} // the tensors of each index
	var order []string
	for i, name := range n.names {
		x := n.nodes[name]
		fmt.Fprintf(&b, "  t%d [label=%s];\n", i, quote(name))
		for _, index := range x.indices {
			if ends[index] == nil {
				order = append(order, index)
			}
			ends[index] = append(ends[index], i)
		}
	}
	sizes := n.sizes()
	for k, index := range order {
		label := quote(fmt.Sprintf("%s %d", index, sizes[index]))
		e := ends[index]
		if len(e) == 2 {
			fmt.Fprintf(&b, "  t%d -- t%d [label=%s];\n", e[0], e[1], label)
			continue
		}
		fmt.Fprintf(&b, "  i%d [shape=point];\n", k)
		for j, t := range e {
			attr := ""
			if j == 0 {
				attr = " [label=" + label + "]"
			}
			fmt.Fprintf(&b, "  t%d -- i%d%s;\n", t, k, attr)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quote is a string of the DOT language, in which a backslash stays what it
// is but before a quotation mark.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
