package stream

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Journal is a file that keeps the results of finished passes, in the order
// in which they were asked for. Methods are deterministic: a run that is
// started again asks for the same passes, is given the results of those that
// an earlier run finished, and goes on from there, to the same bits. A result
// counts once all of it is in the file, so that a kill at any time loses the
// pass under way and nothing else.
//
//	┌───────────────────────────────────────────────────────────┐
//	│ "polyad journal 1\n"                                      │
//	│ length <u8>, identity of the run (JSON), CRC-32C <u4>     │
//	├───────────────────────────────────────────────────────────┤
//	│ length <u8> of the numbers, in bytes                      │
//	│ SHA-256 of the question: contraction, mode, factors       │
//	│ numbers <f8>: the shape, the strides, the elements        │
//	│ CRC-32C <u4> of the three                                 │
//	├───────────────────────────────────────────────────────────┤
//	│ … one record a pass                                       │
//	└───────────────────────────────────────────────────────────┘
//
// A question that differs from that of the next record (another processor may
// round differently) ends the replay; the rest is dropped and computed again.
type Journal struct {
	path   string
	head   []byte
	f      *os.File // nil until there is something to keep
	at     int64    // of the next record
	end    int64    // of the valid records
	passes int
	synced time.Time
	paused bool // neither recall nor keep
	err    error
}

const journalMagic = "polyad journal 1\n"

// ErrOtherRun says that a journal belongs to a run with other data or
// options.
var ErrOtherRun = errors.New("the journal is of another run")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// OpenJournal opens the journal at path for a run that identity describes: a
// value whose JSON holds all that decides the result. A journal of another
// run is an error that wraps [ErrOtherRun] and names the fields that differ;
// so is a file that is no journal (but an empty one). A file that is not
// there is made when the first pass is finished.
func OpenJournal(path string, identity any) (*Journal, error) {
	id, err := json.Marshal(identity)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j := &Journal{path: path, head: []byte(journalMagic)}
	j.head = binary.LittleEndian.AppendUint64(j.head, uint64(len(id)))
	j.head = append(j.head, id...)
	j.head = binary.LittleEndian.AppendUint32(j.head, crc32.Checksum(id, castagnoli))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	if err := j.scan(f, id); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j.f = f
	return j, nil
}

// scan checks the head of a file and finds the records that are whole.
func (j *Journal) scan(f *os.File, id []byte) error {
	r := bufio.NewReaderSize(f, 1<<18)
	head := make([]byte, len(journalMagic)+8)
	switch n, err := io.ReadFull(r, head); {
	case !strings.HasPrefix(journalMagic, string(head[:min(n, len(journalMagic))])):
		return errors.New("the file is no journal; move it away, or name another file for the journal")
	case err != nil:
		return j.begin(f) // killed while the head was written
	}
	size := binary.LittleEndian.Uint64(head[len(journalMagic):])
	if size > 1<<24 {
		return errors.New("the journal is damaged; remove it to start over")
	}
	other := make([]byte, size+4)
	if _, err := io.ReadFull(r, other); err != nil {
		return j.begin(f)
	}
	sum := binary.LittleEndian.Uint32(other[size:])
	if other = other[:size]; crc32.Checksum(other, castagnoli) != sum {
		return errors.New("the journal is damaged; remove it to start over")
	}
	if !bytes.Equal(other, id) {
		return fmt.Errorf("%w: it has another %s", ErrOtherRun, strings.Join(differences(other, id), ", "))
	}
	j.at = int64(len(j.head))
	j.end = j.at
	info, err := f.Stat()
	if err != nil {
		return err
	}
	for {
		size, ok := whole(r, info.Size()-j.end)
		if !ok {
			return nil
		}
		j.end += size
		j.passes++
	}
}

// whole reads one record and reports its size, or that there is no whole one
// in the bytes that are left.
func whole(r io.Reader, left int64) (int64, bool) {
	const frame = 8 + sha256.Size + 4
	var head [8 + sha256.Size]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, false
	}
	n := binary.LittleEndian.Uint64(head[:])
	if left < frame || n > uint64(left-frame) {
		return 0, false
	}
	crc := crc32.New(castagnoli)
	crc.Write(head[:])
	if _, err := io.CopyN(crc, r, int64(n)); err != nil {
		return 0, false
	}
	var sum [4]byte
	if _, err := io.ReadFull(r, sum[:]); err != nil || binary.LittleEndian.Uint32(sum[:]) != crc.Sum32() {
		return 0, false
	}
	return frame + int64(n), true
}

// differences names the top-level fields in which two JSON objects differ.
func differences(a, b []byte) []string {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return []string{"identity"}
	}
	var names []string
	for k := range x {
		if !reflect.DeepEqual(x[k], y[k]) {
			names = append(names, k)
		}
	}
	for k := range y {
		if _, ok := x[k]; !ok {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	return names
}

// begin writes the head.
func (j *Journal) begin(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(j.head, 0); err != nil {
		return err
	}
	j.at = int64(len(j.head))
	j.end = j.at
	return nil
}

// Passes is the number of finished passes that were found when the journal
// was opened.
func (j *Journal) Passes() int { return j.passes }

// Path is the name of the file.
func (j *Journal) Path() string { return j.path }

// Err is the first fault in writing the journal. The run it belongs to is
// right nevertheless, but cannot be resumed beyond that place.
func (j *Journal) Err() error { return j.err }

// Close keeps the file for a later run.
func (j *Journal) Close() error {
	if j.f == nil {
		return nil
	}
	err := errors.Join(j.f.Sync(), j.f.Close())
	j.f = nil
	return err
}

// Remove closes and removes the file.
func (j *Journal) Remove() error {
	if j.f == nil {
		return nil
	}
	j.f.Close()
	j.f = nil
	return os.Remove(j.path)
}

// recall reads the numbers of the next record if it answers the question: so
// many of the head, and the rest, which goes to the memory buf if that is long
// enough.
func (j *Journal) recall(question [sha256.Size]byte, count int, buf []float64) (head, rest []float64, ok bool) {
	if j.f == nil || j.paused || j.at >= j.end {
		return nil, nil, false
	}
	var first [8 + sha256.Size]byte
	_, err := j.f.ReadAt(first[:], j.at)
	n := int(binary.LittleEndian.Uint64(first[:]) / 8)
	if err == nil && [sha256.Size]byte(first[8:]) == question && n >= count {
		head, rest = make([]float64, count), buf
		if n-count > len(rest) {
			rest = make([]float64, n-count)
		}
		rest = rest[:n-count]
		at := j.at + int64(len(first))
		_, err = j.f.ReadAt(bytesOf(head, 1), at)
		if err == nil && n > count {
			_, err = j.f.ReadAt(bytesOf(rest, 1), at+int64(8*count))
		}
		if err == nil {
			j.at = at + int64(8*n) + 4
			return head, rest, true
		}
	}
	// Another question, or a file that cannot be read: compute from here on.
	j.end = j.at
	return nil, nil, false
}

// syncEvery is how much work a loss of power may cost.
const syncEvery = time.Second

// keep appends a record. The first fault ends the journal, not the run.
func (j *Journal) keep(question [sha256.Size]byte, numbers ...[]float64) {
	if j.err != nil || j.paused {
		return
	}
	if j.f == nil {
		f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			j.f = f
			err = j.begin(f)
		}
		if j.err = err; err != nil {
			return
		}
	}
	j.err = j.write(question, numbers)
	if j.err == nil && time.Since(j.synced) > syncEvery {
		j.err = j.f.Sync()
		j.synced = time.Now()
	}
}

func (j *Journal) write(question [sha256.Size]byte, numbers [][]float64) error {
	size := 0
	for _, v := range numbers {
		size += 8 * len(v)
	}
	head := binary.LittleEndian.AppendUint64(nil, uint64(size))
	head = append(head, question[:]...)
	if err := j.f.Truncate(j.at); err != nil {
		return err
	}
	at := j.at
	sum := uint32(0)
	put := func(b []byte) error {
		_, err := j.f.WriteAt(b, at)
		at += int64(len(b))
		sum = crc32.Update(sum, castagnoli, b)
		return err
	}
	if err := put(head); err != nil {
		return err
	}
	for _, v := range numbers {
		if err := put(bytesOf(v, 1)); err != nil {
			return err
		}
	}
	if err := put(binary.LittleEndian.AppendUint32(nil, sum)); err != nil {
		return err
	}
	j.at, j.end = at, at
	return nil
}
