module github.com/polyad/polyad/bench

go 1.26.0

require github.com/polyad/polyad v0.0.0

require golang.org/x/sys v0.49.0

replace github.com/polyad/polyad => ../
