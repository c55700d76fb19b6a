//go:build !amd64 || purego

package kernel

func rotateFast(_, _ float64, _, _ []float64) int { return 0 }

func divideFast(_, _ []float64) int { return 0 }

func secularFast(_, _ []float64, _ float64, _ *[3]float64) int { return 0 }
