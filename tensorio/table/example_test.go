package table_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/table"
)

const trips = `line,start,riders
Red,2024-03-01 08:10,40
Red,2024-03-01 08:40,20
Blue,2024-03-02 08:15,5
Blue,2024-03-04 17:00,30
`

func ExampleRead() {
	r, err := table.Read([]byte(trips), table.Options{
		Modes:     []string{"line", "weekday(start)", "hour(start)"},
		Value:     "riders",
		Aggregate: "sum",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := r.Tensor.(*tensor.Observed)
	fmt.Println(x.Shape(), x.Count(), "observed:", x.Values())
	for _, a := range x.Axes() {
		fmt.Println(a.Name, a.Labels, a.Coords)
	}
	// Output:
	// [2 3 2] 3 observed: [60 30 5]
	// line [Red Blue] []
	// weekday(start) [Mon Fri Sat] []
	// hour(start) [] [8 17]
}

func ExampleList() {
	info, err := table.List([]byte(trips))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Rows, "rows")
	for _, c := range info.Columns {
		fmt.Println(c.Name, c.Type)
	}
	// Output:
	// 4 rows
	// line text
	// start timestamp
	// riders number
}

func ExampleFunctions() {
	fmt.Println(strings.Join(table.Functions(), " "))
	// Output: year quarter month week day weekday date hour minute
}

func ExampleSniffParquet() {
	fmt.Println(table.SniffParquet([]byte("PAR1\x15\x04")), table.SniffParquet([]byte(trips)))
	// Output: true false
}

func ExampleSniffArrow() {
	fmt.Println(table.SniffArrow([]byte("ARROW1\x00\x00")), table.SniffArrow([]byte(trips)))
	// Output: true false
}

func ExampleWrite() {
	x := tensor.FromSlice([]float64{40, 5, 0.5, 30}, 2, 2)
	if err := x.SetAxes(tensor.Axis{Name: "line", Labels: []string{"Red", "Blue"}}, tensor.Axis{Name: "hour", Coords: []float64{8, 17}}); err != nil {
		fmt.Println(err)
		return
	}
	if err := table.Write(os.Stdout, x, ','); err != nil {
		fmt.Println(err)
	}
	// Output:
	// line,hour,value
	// Red,8,40
	// Red,17,5
	// Blue,8,0.5
	// Blue,17,30
}

func ExampleWriteParquet() {
	var file bytes.Buffer
	if err := table.WriteParquet(&file, tensor.FromSlice([]float64{40, 5, 0.5, 30}, 2, 2)); err != nil {
		fmt.Println(err)
		return
	}
	info, err := table.List(file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range info.Columns {
		fmt.Println(c.Name, c.Type)
	}
	// Output:
	// mode1 number
	// mode2 number
	// value number
}

func ExampleOpenBounded() {
	t, err := table.OpenBounded([]byte(trips), table.Options{Modes: []string{"line", "hour(start)"}, Aggregate: "count"}, 1<<20, func() {})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Shape, t.Axes[0].Labels, t.Axes[1].Coords)
	err = t.Each(func(index [][]int32, values []float64) error {
		fmt.Println(index, len(values))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// [2 2] [Red Blue] [8 17]
	// [[0 0 1 1] [0 0 0 1]] 4
}

func ExampleBounded_Repeated() {
	t, err := table.OpenBounded([]byte("a,b,n\nx,1,5\ny,1,6\nx,1,7\n"), table.Options{Modes: []string{"a", "b"}, Value: "n", Missing: "zero"}, 1<<20, func() {})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Repeated([]int{0, 0}))
	// Output: line 2 and line 4 hold the same cell (x, 1): join such rows with --aggregate sum (or mean, count, last, min, max), or name the column that tells them apart in --modes
}

// Predictions with their standard errors, as one table.
func ExampleWriteParquetCells() {
	axes := []tensor.Axis{{Name: "line", Labels: []string{"Red", "Blue"}}, {Name: "hour", Coords: []float64{8, 17}}}
	var file bytes.Buffer
	err := table.WriteParquetCells(&file, axes, [][]int32{{0, 1}, {1, 1}}, []string{"riders", "error"}, []float64{5, 30}, []float64{0.4, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := table.List(file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Rows, "rows")
	for _, c := range info.Columns {
		fmt.Println(c.Name, c.Type)
	}
	// Output:
	// 2 rows
	// line text
	// hour number
	// riders number
	// error number
}
