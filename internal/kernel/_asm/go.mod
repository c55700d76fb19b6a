module github.com/polyad/polyad/internal/kernel/_asm

go 1.26.0
