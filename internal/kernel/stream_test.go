package kernel

import (
	"math"
	"testing"
)

// Stream gives what Gemm gives, whatever way A lies, and writes nothing else.
func TestStream(t *testing.T) {
	t.Run("type=f64", testStream[float64])
	t.Run("type=f32", testStream[float32])
}

func testStream[T Float](t *testing.T) {
	defer func(v variant) { active = v }(active)
	for _, v := range supported() {
		active = v
		for _, m := range []int{0, 1, 5, 8, 33, 100} {
			for _, k := range []int{0, 1, 7, 32, 65, 1100} {
				for _, n := range []int{0, 1, 3, 16, 25, 60} {
					for name, a := range map[string]Mat[T]{
						"rows": {Rows: m, Cols: k, RS: k + 3, CS: 1}, "columns": {Rows: m, Cols: k, RS: 1, CS: m + 2},
						"gaps": {Rows: m, Cols: k, RS: 3, CS: 3*m + 1},
					} {
						a.Data = filled[T](max(1, m)*a.RS + max(1, k)*a.CS + m*k)
						b := Mat[T]{Rows: k, Cols: n, RS: n + 1, CS: 1, Data: filled[T](k*(n+1) + 1)}
						for _, beta := range []T{0, 1} {
							c := Mat[T]{Rows: m, Cols: n, RS: n + 2, CS: 1, Data: filled[T](m*(n+2) + 1)}
							want := append([]T(nil), c.Data...)
							if beta == 0 && len(c.Data) > 1 && n > 0 {
								c.Data[0] = T(math.NaN())
							}
							Gemm(1, a, b, beta, Mat[T]{Rows: m, Cols: n, RS: n + 2, CS: 1, Data: want})
							Stream(a, b, beta, c, a.Data)
							right := Mat[T]{Rows: m, Cols: n, RS: n + 3, CS: 1, Data: filled[T](m*(n+3) + 1)}
							wantRight := Mat[T]{Rows: m, Cols: n, RS: n + 3, CS: 1, Data: append([]T(nil), right.Data...)}
							if beta == 0 && m > 0 && n > 0 {
								right.Data[0] = T(math.NaN())
							}
							Gemm(1, a, b, beta, wantRight)
							StreamRight(a, b, beta, right)
							for i, w := range wantRight.Data {
								if right.Data[i] != w {
									t.Fatalf("%v, right, %s, %d×%d×%d, beta %v: element %d is %v, want %v", v, name, m, k, n, beta, i, right.Data[i], w)
								}
							}
							for i, w := range want { // small whole numbers: exact
								if c.Data[i] != w {
									t.Fatalf("%v, %s, %d×%d×%d, beta %v: element %d is %v, want %v", v, name, m, k, n, beta, i, c.Data[i], w)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestStreamShapeBugsPanic(t *testing.T) {
	x := make([]float64, 100)
	for name, call := range map[string]func(){
		"shapes":  func() { Stream(RowMajor(3, 4, x), RowMajor(5, 2, x), 0, RowMajor(3, 2, x), nil) },
		"columns": func() { Stream(RowMajor(3, 4, x), ColMajor(4, 2, x), 0, RowMajor(3, 2, x), nil) },
		"length":  func() { Stream(RowMajor(30, 4, x), RowMajor(4, 2, x), 0, RowMajor(30, 2, x), nil) },

		"right, shapes":  func() { StreamRight(RowMajor(3, 4, x), RowMajor(5, 2, x), 0, RowMajor(3, 2, x)) },
		"right, columns": func() { StreamRight(RowMajor(3, 4, x), ColMajor(4, 2, x), 0, RowMajor(3, 2, x)) },
		"right, length":  func() { StreamRight(RowMajor(3, 4, x), RowMajor(4, 30, x), 0, RowMajor(3, 30, x)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
