// Package safetensors reads and writes safetensors files, in which the
// weights of neural networks are published.
//
// The format (https://huggingface.co/docs/safetensors) is
//
//	┌──────────────────┬──────────────────────────────────────┬──────────────┐
//	│ N, uint64,       │ JSON, N bytes:                       │ elements,    │
//	│ little-endian    │ {"name": {"dtype", "shape",          │ little-      │
//	│ 8 bytes          │   "data_offsets": [begin, end]}, …,  │ endian,      │
//	│                  │  "__metadata__": {"key": "text"}}    │ C order      │
//	└──────────────────┴──────────────────────────────────────┴──────────────┘
//
// with offsets from the first byte after the JSON, without gaps or overlaps.
// The element types F64, F32, F16, BF16, I8 to I64, U8 to U64 and BOOL are
// read; F16 and BF16 become float32. F32 and F64 are used where they lie.
//
// Names and labels of axes are kept in the metadata, as JSON under the key
// "axes.<name>".
package safetensors
