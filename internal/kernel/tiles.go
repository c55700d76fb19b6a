package kernel

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// Axis is an index of a product of two tensors: its size, and how far apart
// its elements are in A, B and C, 0 in a tensor that does not have it.
type Axis struct{ Size, A, B, C int }

// Tiles is a product of two tensors on any strides,
//
//	C[p…, m…, n…] = sum over k… of A[p…, m…, k…] B[p…, k…, n…],
//
// cut in blocks of C. Each block is the product of two matrices that fit the
// second-level cache, to which blocks of A and B are copied as they are
// needed: no tensor is brought in another order in memory. A block that is a
// matrix where it lies is not copied. (The idea is that of Springer &
// Bientinesi, 2018, https://doi.org/10.1145/3157733, and of Matthews, 2018,
// https://doi.org/10.1137/16M108968X.)
type Tiles struct {
	batch, m, n, k grid
	swapped        bool // A and B have changed places, for the rows of C to be contiguous
	rowsA          bool // copies of blocks of A have contiguous rows
	outerN         bool // blocks of C are made column by column
}

// grid cuts a group of axes in rectangular blocks. The last axis is the
// fastest in a copy.
type grid struct {
	axes   []Axis
	extent []int // of a block
	blocks int
	most   int // elements of a block
}

const (
	tileDepth = 192 // of a block along k
	tileRows  = 128
	tileArea  = 1 << 15 // elements of a block of B or C, about
	tileRun   = 16      // elements that are copied in a row, if there are two axes to choose from
	tileBatch = 16      // products in a block, if those of a batch lie together,
	tileSide  = 48      // and rows, columns and depth of each
)

// NewTiles cuts a product. The strides of the last axes decide which axes go
// together in a block, so that whole cache lines are read and written.
func NewTiles(batch, m, n, k []Axis) *Tiles {
	t := &Tiles{}
	if fastestOf(m, strideC) < fastestOf(n, strideC) {
		t.swapped = true
		swap := func(list []Axis) []Axis {
			out := slices.Clone(list)
			for i, x := range out {
				out[i].A, out[i].B = x.B, x.A
			}
			return out
		}
		batch, m, n, k = swap(batch), swap(n), swap(m), swap(k)
	}
	depth, rows, cols := sizeOf(k), sizeOf(m), sizeOf(n)
	kb := min(depth, tileDepth)
	mb := min(rows, tileRows)
	nb := min(cols, max(128, min(1024, tileArea/max(kb, mb))))
	if cols < 128 {
		mb = min(rows, max(tileRows, min(1024, tileArea/max(kb, cols))))
	}
	// A batch of products whose elements lie together is taken some at a time.
	inA := fastestOf(batch, strideA) < min(fastestOf(m, strideA), fastestOf(k, strideA))
	inB := fastestOf(batch, strideB) < min(fastestOf(n, strideB), fastestOf(k, strideB))
	inC := fastestOf(batch, strideC) < min(fastestOf(m, strideC), fastestOf(n, strideC))
	pb := 1
	if inA || inB || inC {
		pb = tileBatch
		kb, mb, nb = min(kb, tileSide), min(mb, tileSide), min(nb, tileSide)
	} else {
		inC = true
	}
	fastA, fastB := fastestOf(k, strideA) < fastestOf(m, strideA), fastestOf(k, strideB) < fastestOf(n, strideB)
	t.rowsA = fastA
	lead := func(list ...bool) (use []func(*Axis) int) { // the strides that matter of A, B and C
		for i, stride := range []func(*Axis) int{strideA, strideB, strideC} {
			if list[i] {
				use = append(use, stride)
			}
		}
		return use
	}
	t.batch = cut(batch, pb, lead(inA, inB, inC))
	t.m = cut(m, mb, lead(true, false, false))
	t.n = cut(n, nb, lead(false, !fastB, true))
	t.k = cut(k, kb, lead(fastA || !fastB, fastB, false))
	t.outerN = t.m.blocks*cols > t.n.blocks*rows // copies of B against copies of A
	return t
}

func sizeOf(axes []Axis) int {
	n := 1
	for _, x := range axes {
		n *= x.Size
	}
	return n
}

// fastestOf is the least stride of some axes.
func fastestOf(axes []Axis, stride func(*Axis) int) int {
	least := math.MaxInt
	for i := range axes {
		least = min(least, stride(&axes[i]))
	}
	return least
}

// cut makes blocks of so many elements, if there are so many. The axis that is
// the fastest by the last of the strides is the last in a copy, and in a block
// before all others; then comes that which is the fastest by the first.
func cut(axes []Axis, target int, strides []func(*Axis) int) grid {
	g := grid{axes: slices.Clone(axes), extent: make([]int, len(axes)), blocks: 1}
	first, last := strides[0], strides[len(strides)-1]
	slices.SortStableFunc(g.axes, func(x, y Axis) int { return cmp.Compare(last(&y), last(&x)) })
	n := len(g.axes)
	left := target
	take := func(i, most int) {
		size := g.axes[i].Size
		count := ceilDiv(size, max(1, min(size, most)))
		g.extent[i] = ceilDiv(size, count)
		left = max(1, left/g.extent[i])
	}
	other := n - 1
	for i := range g.axes {
		if len(strides) > 1 && first(&g.axes[i]) < first(&g.axes[other]) {
			other = i
		}
	}
	if target > tileRun && other < n-1 { // rows of two tensors are to be whole cache lines
		x := g.axes[other]
		g.axes = slices.Insert(slices.Delete(g.axes, other, other+1), n-2, x)
		take(n-1, max(tileRun, target/min(tileRun, x.Size)))
		take(n-2, max(tileRun, left))
		n -= 2
	}
	for i := n - 1; i >= 0; i-- {
		take(i, left)
	}
	g.most = 1
	for i, x := range g.axes {
		g.blocks *= (x.Size + g.extent[i] - 1) / g.extent[i]
		g.most *= g.extent[i]
	}
	return g
}

// block writes the axes of block t to dst and gives where it begins.
func (g *grid) block(t int, dst []Axis) (axes []Axis, at Axis) {
	axes = dst[:len(g.axes)]
	at.Size = 1
	for i := len(g.axes) - 1; i >= 0; i-- {
		x, e := g.axes[i], g.extent[i]
		count := (x.Size + e - 1) / e
		from := t % count * e
		t /= count
		at.A, at.B, at.C = at.A+from*x.A, at.B+from*x.B, at.C+from*x.C
		x.Size = min(e, x.Size-from)
		at.Size *= x.Size
		axes[i] = x
	}
	return axes, at
}

// Copies are the numbers of elements that are copied from A and B to blocks,
// and from blocks to C.
func (t *Tiles) Copies() (a, b, c float64) {
	whole := func(p, q *grid) float64 {
		return float64(sizeOf(t.batch.axes)) * float64(sizeOf(p.axes)) * float64(sizeOf(q.axes))
	}
	ms, ns, ks := t.first()
	batch := t.batch.most > 1
	if batch || !ms.matrix(ks, strideA, true) {
		if a = whole(&t.m, &t.k); t.outerN || t.k.blocks > 1 {
			a *= float64(t.n.blocks)
		}
	}
	if batch || !ks.matrix(ns, strideB, false) {
		if b = whole(&t.k, &t.n); !t.outerN || t.k.blocks > 1 {
			b *= float64(t.m.blocks)
		}
	}
	if batch || !ms.matrix(ns, strideC, false) {
		c = whole(&t.m, &t.n)
	}
	if t.swapped {
		a, b = b, a
	}
	return a, b, c
}

// Blocks is the number of matrix products, and the shape of most of them.
func (t *Tiles) Blocks() (count, m, n, k int) {
	return sizeOf(t.batch.axes) * t.m.blocks * t.n.blocks * t.k.blocks, t.m.most, t.n.most, t.k.most
}

// blockAxes are the axes of a block.
type blockAxes []Axis

// first is the first block.
func (t *Tiles) first() (m, n, k blockAxes) {
	of := func(g *grid) blockAxes {
		axes, _ := g.block(0, make([]Axis, len(g.axes)))
		return axes
	}
	return of(&t.m), of(&t.n), of(&t.k)
}

// matrix reports whether a block is a matrix where it lies, with contiguous
// rows, or columns if either will do.
func (rows blockAxes) matrix(cols blockAxes, stride func(*Axis) int, either bool) bool {
	rs, ok1 := line(rows, stride)
	cs, ok2 := line(cols, stride)
	return ok1 && ok2 && (cs == 1 || either && rs == 1)
}

// tileScratch is what one worker has at hand: copies of a block of each
// tensor, and of which block they are.
type tileScratch[T Float | Complex] struct {
	a, b, c      []T
	step         [3]int // from one product of a batch to the next, in a, b and c
	holdA, holdB [3]int
	buf          *buffer
	axes         [4][]Axis
	moves        []move
}

// ContractTiles contracts on tensors whose first elements are those of a, b
// and c; c is written without being read. The bits of the result depend on
// the tiles alone.
func ContractTiles[T Float](t *Tiles, a, b, c []T) {
	runTiles(t, a, b, c, func(a, b Mat[T], fresh bool, c Mat[T]) {
		beta := T(1)
		if fresh {
			beta = 0
		}
		gemm(1, a, b, beta, c, false)
	}, multiplyRuns[T])
}

// ContractTilesComplex is [ContractTiles] for complex tensors.
func ContractTilesComplex[T Complex](t *Tiles, a, b, c []T) {
	runTiles(t, a, b, c, func(a, b Mat[T], fresh bool, c Mat[T]) {
		beta := T(1)
		if fresh {
			beta = 0
		}
		complexProduct(1, operand[T]{Mat: a}, operand[T]{Mat: b}, beta, c, false)
	}, nil)
}

// tileProduct computes c = a*b if fresh, c += a*b else.
type tileProduct[T Float | Complex] func(a, b Mat[T], fresh bool, c Mat[T])

// tileRuns is a product that is stored run by run; see multiplyRuns.
type tileRuns[T Float | Complex] func(a, b Mat[T], c []T, ms, ns blockAxes) bool

func runTiles[T Float | Complex](t *Tiles, a, b, c []T, multiply tileProduct[T], runs tileRuns[T]) {
	if t.swapped {
		a, b = b, a
	}
	mn := t.m.blocks * t.n.blocks
	count := t.batch.blocks * mn
	chunk := max(1, count/64)
	chunks := ceilDiv(count, chunk)
	threads := min(runtime.GOMAXPROCS(0), chunks)
	workers := make([]*tileScratch[T], threads)
	par.Phases(threads, []int{chunks}, func(worker, _, i int) {
		s := workers[worker]
		if s == nil {
			s = newTileScratch[T](t)
			workers[worker] = s
		}
		for at := i * chunk; at < min((i+1)*chunk, count); at++ {
			p, m, n := at/mn, at%mn/t.n.blocks, at%mn%t.n.blocks
			if t.outerN {
				n, m = at%mn/t.m.blocks, at%mn%t.m.blocks
			}
			s.block(t, p, m, n, a, b, c, multiply, runs)
		}
	})
	for _, s := range workers {
		if s != nil {
			putBuffer(s.buf)
		}
	}
}

// lineOf is the number of elements of a cache line.
func lineOf[T any]() int { return max(1, 64/int(unsafe.Sizeof(*new(T)))) }

// apart is a distance between the rows of a copy: at least so many elements,
// an odd number of cache lines, lest rows fall in the same sets of the cache.
func apart[T any](n int) int {
	line := lineOf[T]()
	return (ceilDiv(n, line) | 1) * line
}

func newTileScratch[T Float | Complex](t *Tiles) *tileScratch[T] {
	s := &tileScratch[T]{holdA: [3]int{-1}, holdB: [3]int{-1}}
	lenA := t.k.most * apart[T](t.m.most)
	if t.rowsA {
		lenA = t.m.most * apart[T](t.k.most)
	}
	lenB, lenC := t.k.most*apart[T](t.n.most), t.m.most*apart[T](t.n.most)
	s.step = [3]int{lenA, lenB, lenC}
	lenA, lenB, lenC = lenA*t.batch.most, lenB*t.batch.most, lenC*t.batch.most
	s.buf = getBuffer((lenA + lenB + lenC) * int(unsafe.Sizeof(*new(T))))
	all := unsafe.Slice((*T)(unsafe.Pointer(&s.buf.mem[0])), lenA+lenB+lenC)
	s.a, s.b, s.c = all[:lenA], all[lenA:lenA+lenB], all[lenA+lenB:]
	for i, g := range []*grid{&t.batch, &t.m, &t.n, &t.k} {
		s.axes[i] = make([]Axis, len(g.axes))
	}
	return s
}

// line is how a group of axes of a block is one axis of a matrix: its stride,
// and whether there is one.
func line(axes []Axis, stride func(*Axis) int) (step int, ok bool) {
	step = 1
	next := -1
	for i := len(axes) - 1; i >= 0; i-- {
		x := &axes[i]
		switch {
		case x.Size == 1:
		case next < 0:
			step = stride(x)
			next = step * x.Size
		case stride(x) != next:
			return 0, false
		default:
			next *= x.Size
		}
	}
	return step, true
}

func strideA(x *Axis) int { return x.A }
func strideB(x *Axis) int { return x.B }
func strideC(x *Axis) int { return x.C }

// block makes one block of C.
func (s *tileScratch[T]) block(t *Tiles, p, m, n int, a, b, c []T, multiply tileProduct[T], runs tileRuns[T]) {
	ps, at0 := t.batch.block(p, s.axes[0])
	ms, at1 := t.m.block(m, s.axes[1])
	ns, at2 := t.n.block(n, s.axes[2])
	to := c[at0.C+at1.C+at2.C:]
	rows, cols := at1.Size, at2.Size
	out := Mat[T]{Rows: rows, Cols: cols, RS: apart[T](cols), CS: 1, Data: s.c}
	rs, ok1 := line(ms, strideC)
	cs, ok2 := line(ns, strideC)
	direct := at0.Size == 1 && ok1 && ok2 && (cs == 1 || cols == 1)
	if direct {
		out = Mat[T]{Rows: rows, Cols: cols, RS: rs, CS: 1, Data: to}
	}
	for k := range t.k.blocks {
		ks, at3 := t.k.block(k, s.axes[3])
		depth := at3.Size
		left := s.left(t, ps, ms, ks, a[at0.A+at1.A+at3.A:], rows, depth, [3]int{p, m, k})
		right := s.right(ps, ks, ns, b[at0.B+at2.B+at3.B:], depth, cols, [3]int{p, n, k})
		if runs != nil && !direct && t.k.blocks == 1 && at0.Size == 1 && runs(left, right, to, ms, ns) {
			return
		}
		for i := range at0.Size {
			multiply(left.skip(i*s.step[0]), right.skip(i*s.step[1]), k == 0, out.skip(i*s.step[2]))
		}
	}
	if !direct {
		s.moves = s.moves[:0]
		s.addMoves(ps, strideC, s.step[2], true)
		s.addMoves(ms, strideC, out.RS, true)
		s.addMoves(ns, strideC, 1, true)
		moveBlock(to, s.c, s.moves)
	}
}

// multiplyRuns computes a block of C = a*b where it lies, if rows of it are
// made of runs that are long enough, and reports whether they are.
func multiplyRuns[T Float](a, b Mat[T], c []T, ms, ns blockAxes) bool {
	v := active
	bl := blockingFor[T](v)
	rows, step, outerM := ms.tail(strideC)
	cols, one, outerN := ns.tail(strideC)
	if one != 1 || cols < 2*bl.vec || rows < bl.mr || a.Cols > bl.kc {
		return false
	}
	size := int(unsafe.Sizeof(c[0]))
	args := panelArgs{
		m: rows, k: a.Cols, alpha: 1,
		aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
		bRS: b.RS * size, cRS: step * size,
	}
	next := 0
	for j := 0; j < b.Cols; j += cols {
		for i := 0; i < a.Rows; i += rows {
			to := c[next:]
			switch { // what comes next is fetched meanwhile
			case i+rows < a.Rows:
				next = outerN.offset(j/cols, strideC) + outerM.offset(i/rows+1, strideC)
			case j+cols < b.Cols:
				next = outerN.offset(j/cols+1, strideC)
			}
			for r := 0; r < rows && a.Cols < 32; r++ { // the kernels do it for longer sums
				prefetch(unsafe.Pointer(&c[next+r*step]), cols*size)
			}
			args.a = unsafe.Pointer(&a.Data[i*a.RS])
			for p := range bl.panels(cols) {
				j0, j1 := bl.panel(p, cols)
				args.cols = j1 - j0
				args.b, args.c = unsafe.Pointer(&b.Data[j+j0]), unsafe.Pointer(&to[j0])
				runPanel[T](v, &args)
			}
		}
	}
	return true
}

// tail merges the last axes as far as they are one axis of a tensor, of n
// elements step apart, and gives the others.
func (axes blockAxes) tail(stride func(*Axis) int) (n, step int, others blockAxes) {
	n, step = 1, 1
	for i := len(axes) - 1; i >= 0; i-- {
		x := &axes[i]
		switch {
		case x.Size == 1:
		case n == 1:
			n, step = x.Size, stride(x)
		case stride(x) == n*step:
			n *= x.Size
		default:
			return n, step, axes[:i+1]
		}
	}
	return n, step, nil
}

// offset is where element t of axes is in a tensor.
func (axes blockAxes) offset(t int, stride func(*Axis) int) (at int) {
	for i := len(axes) - 1; i >= 0; i-- {
		x := &axes[i]
		at += t % x.Size * stride(x)
		t /= x.Size
	}
	return at
}

// left is a block of A as a matrix, or as some, for the products ps of a batch.
func (s *tileScratch[T]) left(t *Tiles, ps, ms, ks []Axis, a []T, rows, depth int, key [3]int) Mat[T] {
	rs, ok1 := line(ms, strideA)
	cs, ok2 := line(ks, strideA)
	if sizeOf(ps) == 1 && ok1 && ok2 && (rs == 1 || cs == 1) {
		return Mat[T]{Rows: rows, Cols: depth, RS: rs, CS: cs, Data: a}
	}
	x := Mat[T]{Rows: rows, Cols: depth, RS: 1, CS: apart[T](rows), Data: s.a}
	if t.rowsA {
		x.RS, x.CS = apart[T](depth), 1
	}
	if s.holdA != key {
		s.holdA = key
		s.moves = s.moves[:0]
		s.addMoves(ps, strideA, s.step[0], false)
		s.addMoves(ms, strideA, x.RS, false)
		s.addMoves(ks, strideA, x.CS, false)
		moveBlock(s.a, a, s.moves)
	}
	return x
}

// right is a block of B as matrices with contiguous rows.
func (s *tileScratch[T]) right(ps, ks, ns []Axis, b []T, depth, cols int, key [3]int) Mat[T] {
	rs, ok1 := line(ks, strideB)
	cs, ok2 := line(ns, strideB)
	if sizeOf(ps) == 1 && ok1 && ok2 && (cs == 1 || cols == 1) {
		return Mat[T]{Rows: depth, Cols: cols, RS: rs, CS: 1, Data: b}
	}
	x := Mat[T]{Rows: depth, Cols: cols, RS: apart[T](cols), CS: 1, Data: s.b}
	if s.holdB != key {
		s.holdB = key
		s.moves = s.moves[:0]
		s.addMoves(ps, strideB, s.step[1], false)
		s.addMoves(ks, strideB, x.RS, false)
		s.addMoves(ns, strideB, 1, false)
		moveBlock(s.b, b, s.moves)
	}
	return x
}

// addMoves lists the axes of a group for a copy whose last axis has the given
// stride; back says that the copy is what is read.
func (s *tileScratch[T]) addMoves(axes []Axis, stride func(*Axis) int, step int, back bool) {
	for i := len(axes) - 1; i >= 0; i-- {
		x := &axes[i]
		if x.Size > 1 {
			mv := move{x.Size, step, stride(x)}
			if back {
				mv.to, mv.from = mv.from, mv.to
			}
			s.moves = append(s.moves, mv)
		}
		step *= x.Size
	}
}

// move is an axis of a block that is copied: its size and its strides.
type move struct{ n, to, from int }

// moveBlock copies a block from one order to another on the calling goroutine.
// It changes axes.
func moveBlock[T any](dst, src []T, axes []move) {
	slices.SortFunc(axes, func(x, y move) int { return cmp.Or(cmp.Compare(y.from, x.from), cmp.Compare(y.to, x.to)) })
	kept := axes[:0]
	for _, x := range axes { // neighbours that move as one
		if e := len(kept) - 1; e >= 0 && kept[e].from == x.n*x.from && kept[e].to == x.n*x.to {
			kept[e] = move{kept[e].n * x.n, x.to, x.from}
			continue
		}
		kept = append(kept, x)
	}
	axes = kept
	if len(axes) == 0 {
		dst[0] = src[0]
		return
	}
	takeOut := func(i int) move {
		x := axes[i]
		axes = slices.Delete(axes, i, i+1)
		return x
	}
	read, write := -1, -1
	for i, x := range axes {
		if x.from == 1 {
			read = i
		}
		if x.to == 1 {
			write = i
		}
	}
	inner, second := move{1, 0, 0}, move{1, 0, 0}
	transpose := read >= 0 && write >= 0 && read != write
	switch {
	case transpose:
		inner, second = axes[write], axes[read]
		axes = slices.DeleteFunc(axes, func(x move) bool { return x == inner || x == second })
	default:
		i := len(axes) - 1
		if write >= 0 {
			i = write
		}
		inner = takeOut(i)
		if len(axes) > 0 {
			second = takeOut(len(axes) - 1)
		}
	}
	var at [maxMoves]int
	for o, f, done := 0, 0, false; !done; {
		to, from := o, f
		done = true
		for i := len(axes) - 1; i >= 0 && done; i-- {
			x := &axes[i]
			o, f = o+x.to, f+x.from
			if at[i]++; at[i] < x.n {
				done = false
			} else {
				at[i] = 0
				o, f = o-x.n*x.to, f-x.n*x.from
			}
		}
		switch {
		case transpose:
			transposeBlock(dst[to:], src[from:], second.n, inner.n, second.to, inner.from, &src[f])
		case inner.to == 1 && inner.from == 1:
			for j := range second.n {
				x, y := to+j*second.to, from+j*second.from
				copy(dst[x:x+inner.n], src[y:y+inner.n])
			}
		default:
			for j := range second.n {
				x, y := to+j*second.to, from+j*second.from
				for range inner.n {
					dst[x] = src[y]
					x += inner.to
					y += inner.from
				}
			}
		}
	}
}

// maxMoves is the number of axes of a block with more than one element, at
// most.
const maxMoves = 64
