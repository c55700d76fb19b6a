// Package dain completes tensors with a neural model and influence-guided
// data augmentation:
//
//  1. A net (an embedding for each index of each mode, a few layers on top)
//     is trained on the known cells by Adam, with checkpoints.
//  2. What each cell did for cells that were left out is traced through the
//     derivatives by the embeddings that the two share, over the checkpoints.
//  3. The absolute influences of the cells of an entity (an index of a mode)
//     add up to its importance.
//  4. New cells are drawn, each index by importance; their values are the
//     mean of several nets trained from different starts.
//  5. A net is trained on old and new cells.
//
// Oh, Kim, Rossi & Kumar 2021, "Influence-guided data augmentation for neural
// tensor completion", CIKM, https://doi.org/10.1145/3459637.3482267, arXiv
// 2108.10248.
//
// # What it is worth
//
// [Compare] measures it with nets that share splits and starts, and so does
// the command line:
//
//	polyad dain FILE --compare --seeds 10 --added 0.5
//
// Root mean square errors over 10 seeds, half as many new cells as known ones
// as in the paper, differences with 95 % intervals. Mean distances of
// flights by origin × destination × hour (229×228×24, 3291 cells known),
// passengers of metro stations (80×25×108, 3146 known) and cars in car parks
// (30×77×18, 3539 known); the paper's own synthetic tensor (1000×1000×1000, 9000 known).
//
// With nets trained much as in the paper's own program (a small step, hardly a
// penalty, an end after 10 epochs without progress, new values by one net:
// --rate 0.003 --decay 1e-5 --patience 10 --teachers 1):
//
//	           none   random   influence   below none    below random
//	flights    384.8  396.6    355.6       29.2 ± 19     41.0 ± 14
//	metro      111.9  105.0    100.9       11.0 ± 5.1     4.2 ± 3.5
//	car parks  139.9  125.0    128.5       11.4 ± 11     -3.5 ± 4.1
//	synthetic  .5040  .4940    .4878       .0162 ± .0088 .0062 ± .0058
//	planted    .1397  .1360    .1325       .0072 ± .0028 .0035 ± .0022
//
// Planted is a 400×300×200 tensor of rank 2 whose 4000 known cells are drawn by
// a power law. So influence beats none in all five cases and cells at random in
// four. Much of that is popularity: drawing entities as often as they are known
// gives 357.3 for the flights, .4872 and .1333 for the synthetic and planted
// tensors, but 106.9 for the metro. And it is for thin data: with a tenth of the
// metro known (--hold-out 0.9), the errors of none, random and influence are
// 40.09, 38.26 and 39.28.
//
// With the defaults of this package (a larger step, a penalty, more patience,
// values by four nets):
//
//	           none   random   influence   below none    below random
//	flights    246.1  227.3    241.5        4.6 ± 14    -14.2 ± 9.0
//	metro      68.8   66.6     66.4        2.4 ± 1.8      0.2 ± 1.6
//	car parks  89.6   92.5     90.2       -0.6 ± 2.9      2.3 ± 1.1
//
// Here a net alone is far better than any was above, and new cells add little:
// influence chose better than chance once, worse once, alike once. A better
// training is worth more than the choice of cells; and the mean of the four
// nets, without another that is trained on their values, has 228.5, 65.6 and
// 84.7.
//
// Values matter more than cells: with values copied from known cells, errors
// rise in every case (metro: 130.7 at random, 147.4 by influence), and
// known cells given twice lower none of them by more than the interval.
package dain
