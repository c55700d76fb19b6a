//go:build !amd64 || purego

package kernel

func hasWords() bool { return false }

func runWords([]byte, int, []uint32, []uint32) int { panic("kernel: no assembly in this build") }

func columnsFast([]uint32, int, int32, [][]int32, int, []float64, [][ColumnLanes]uint32, [][ColumnLanes]int32, *ColumnsFound) int {
	return 0
}
