package table

import "errors"

func openParquet(data []byte) (source, error) { return nil, errors.New("not yet") }
