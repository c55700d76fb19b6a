// Package loss measures how badly a model value m explains a data value x,
// for data that are not Gaussian: counts, yes or no, positive amounts,
// amounts with outliers. A method that fits a model M to data X minimises
//
//	F(M) = sum over the known cells of f(x, m)
//
// and needs f, df/dm, the bound below which m makes no sense, and which x
// are allowed. A [Loss] is these four, with a name that [Parse] reads:
//
//	name                  f(x, m)                          x          m
//	gaussian              (x - m)^2                        real       real
//	poisson               m - x*log m                      0, 1, 2 …  >= 0
//	poisson-log           e^m - x*m                        0, 1, 2 …  real
//	zt-poisson            log(e^m - 1) - x*log m           1, 2, 3 …  >= 0
//	bernoulli             log(1 + m) - x*log m             0 or 1     >= 0, odds
//	bernoulli-logit       log(1 + e^m) - x*m               0 or 1     real, log-odds
//	huber:T               (x - m)^2 if |x - m| <= T,       real       real
//	                      else 2*T*|x - m| - T^2
//	gamma                 x/m + log m                      > 0        >= 0
//	rayleigh              2*log m + pi/4*(x/m)^2           > 0        >= 0
//	negative-binomial:R   (R + x)*log(1 + m) - x*log m     0, 1, 2 …  >= 0
//	beta:B                m^B/B - x*m^(B-1)/(B-1)          >= 0       >= 0
//
// Where m is bounded by 0, the functions take m + 1e-10 in a logarithm or a
// denominator, so that the bound itself has a finite loss. beta:1 is poisson
// for real x, beta:0 is gamma, and beta:2 is half of gaussian, as limits.
//
// Hong, Kolda & Duersch 2020, https://doi.org/10.1137/18M1203626.
package loss
