package fit

// Plan is what a method expects to need, before it runs.
type Plan struct {
	Algorithm  string   `json:"algorithm"`
	PeakBytes  int64    `json:"peak_bytes"`  // the data, the model and the work space together
	Flops      float64  `json:"flops"`       // of one sweep, or of all for a direct method
	BytesMoved float64  `json:"bytes_moved"` // to and from memory, likewise
	Iterative  bool     `json:"iterative"`   // Flops and BytesMoved are for each of several sweeps
	Parameters int64    `json:"parameters"`  // of the model
	Notes      []string `json:"notes,omitempty"`
	// Candidates are the algorithms that were compared, this one among them.
	Candidates []Plan `json:"candidates,omitempty"`
}
