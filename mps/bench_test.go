package mps

import (
	"testing"
)

func BenchmarkDMRG(b *testing.B) {
	h := Heisenberg(60, 1, 1, 1, 0)
	b.Run("model=heisenberg/sites=60/bond=128", func(b *testing.B) {
		for b.Loop() {
			_, res, err := DMRG(b.Context(), h, DMRGOptions{Truncation: Truncation{MaxBond: 128}, Tol: 1e-8})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(res.Sweeps), "sweeps")
			b.ReportMetric(-res.Energy, "-energy")
		}
	})
}
