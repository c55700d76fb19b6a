package loss_test

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/loss"
)

func ExampleParse() {
	l, err := loss.Parse("huber:0.5")
	fmt.Println(l, l.Value(3, 1), err)
	_, err = loss.Parse("cauchy")
	fmt.Println(err)
	// Output:
	// huber:0.5 1.75 <nil>
	// loss "cauchy" is unknown; there are gaussian, poisson, poisson-log, zt-poisson, bernoulli, bernoulli-logit, huber:0.5, gamma, rayleigh, negative-binomial:4, beta:1.5
}

func ExampleNames() {
	fmt.Println(loss.Names()[1])
	// Output: poisson
}

func ExampleLoss_Value() {
	fmt.Printf("%.4f\n", loss.Poisson.Value(3, 2))
	// Output: -0.0794
}

func ExampleLoss_Derivative() {
	fmt.Printf("%.2f\n", loss.Poisson.Derivative(3, 2))
	// Output: -0.50
}

func ExampleLoss_Block() {
	d := make([]float64, 2)
	sum := loss.Gaussian.Block([]float64{1, 2}, []float64{1, 4}, d)
	fmt.Println(sum, d)
	// Output: 4 [0 4]
}

func ExampleLoss_Deviance() {
	fmt.Printf("%.3f %.3f\n", loss.Poisson.Deviance(3, 2), loss.Poisson.Deviance(3, 3))
	// Output: 0.433 0.000
}

func ExampleLoss_Check() {
	fmt.Println(loss.Bernoulli.Check(2))
	// Output: 2 under the loss bernoulli: 0 or 1 is expected; poisson takes counts, gaussian any number
}

func ExampleLoss_Mean() {
	fmt.Printf("%.2f %.2f\n", loss.Bernoulli.Mean(3), loss.PoissonLog.Mean(math.Log(5)))
	// Output: 0.75 5.00
}

func ExampleLoss_AtZero() {
	power, factor := loss.Poisson.AtZero()
	fmt.Println(power, factor)
	// Output: 1 1
}

func ExampleHuber() {
	l, err := loss.Huber(1)
	fmt.Println(l, l.Value(0, 0.5), l.Value(0, 3), err)
	// Output: huber:1 0.25 5 <nil>
}

func ExampleNegativeBinomial() {
	l, err := loss.NegativeBinomial(4)
	fmt.Println(l, l.Mean(0.5), err)
	// Output: negative-binomial:4 2 <nil>
}

func ExampleBeta() {
	l, err := loss.Beta(2)
	fmt.Println(l, l.Deviance(3, 1), err)
	// Output: beta:2 4 <nil>
}

// A loss that forgives errors beyond some size altogether (Welsch).
func ExampleCustom() {
	l, err := loss.Custom("welsch",
		func(x, m float64) float64 { return 1 - math.Exp(-(x-m)*(x-m)) },
		func(x, m float64) float64 { return 2 * (m - x) * math.Exp(-(x-m)*(x-m)) },
		math.Inf(-1))
	fmt.Printf("%s %.3f %.3f %v\n", l, l.Value(0, 0.1), l.Value(0, 10), err)
	// Output: welsch 0.010 1.000 <nil>
}

func ExampleLoss_Allows() {
	l, err := loss.Parse("poisson")
	fmt.Println(l.Allows(3), l.Allows(-1), err)
	// Output: true false <nil>
}

func ExampleLoss_Best() {
	l, err := loss.Parse("poisson")
	fmt.Println(l.Best(3), err)
	// Output: 3 <nil>
}

func ExampleLoss_Lower() {
	l, err := loss.Parse("poisson")
	fmt.Println(l.Lower(), err)
	// Output: 0 <nil>
}

func ExampleLoss_Saturated() {
	// No model of 3 has a smaller loss than this: 3 - 3 ln 3.
	l, err := loss.Parse("poisson")
	fmt.Printf("%.4f %v\n", l.Saturated(3), err)
	// Output: -0.2958 <nil>
}

// The deviance of a model is found from the sum of losses that a method
// minimises.
func ExampleLoss_DevianceScale() {
	l, err := loss.Parse("poisson")
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum, deviance float64
	for _, x := range []float64{0, 2, 5} {
		const mean = 2
		sum += l.Value(x, mean) - l.Saturated(x)
		deviance += l.Deviance(x, mean)
	}
	fmt.Printf("%.4f %.4f\n", l.DevianceScale()*sum, deviance)
	// Output: 7.1629 7.1629
}
