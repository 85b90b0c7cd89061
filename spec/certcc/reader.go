package certcc

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits bound what a file may make the reader do.
type Limits struct {
	LineBytes  int   // longest line
	TotalBytes int64 // whole file after decompression
	Vendors    int   // records in one case
	Items      int   // references, keywords or CVE ids in one list
}

// DefaultLimits hold the whole archive many times over.
var DefaultLimits = Limits{LineBytes: 16 << 20, TotalBytes: 1 << 30, Vendors: 20_000, Items: 5_000}

// LineError says which line could not be read and why. After it, Next goes on
// with the following line, unless Cut is set.
type LineError struct {
	Line   int   // from 1
	Offset int64 // in the decompressed file: where the line begins, or, for a cut, where it ends
	Reason string
	// Cut says that nothing can be read from here on: the file ends in the
	// middle, is damaged or beyond a limit. Every line before it was whole.
	Cut bool
	err error
}

func (e *LineError) Error() string {
	if e.Cut {
		return fmt.Sprintf("line %d, byte %d: %s; the whole lines before it were read", e.Line, e.Offset, e.Reason)
	}
	return fmt.Sprintf("line %d, byte %d: %s", e.Line, e.Offset, e.Reason)
}

// Unwrap gives the cause, such as io.ErrUnexpectedEOF.
func (e *LineError) Unwrap() error { return e.err }

// Reader reads an archive line by line.
type Reader struct {
	in     *bufio.Reader
	limits Limits
	line   int
	offset int64
	done   error
	seen   map[string]int // case id to the line where it stood first
}

// NewReader reads r, which is gzip where it begins like gzip and plain
// otherwise. Zero fields of limits take their default.
func NewReader(r io.Reader, limits Limits) (*Reader, error) {
	d := DefaultLimits
	if limits.LineBytes <= 0 {
		limits.LineBytes = d.LineBytes
	}
	if limits.TotalBytes <= 0 {
		limits.TotalBytes = d.TotalBytes
	}
	if limits.Vendors <= 0 {
		limits.Vendors = d.Vendors
	}
	if limits.Items <= 0 {
		limits.Items = d.Items
	}
	in := bufio.NewReaderSize(r, 64<<10)
	magic, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the archive cannot be read: %w", err)
	}
	if len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("the archive begins like gzip but is damaged: %w", err)
		}
		in = bufio.NewReaderSize(z, 64<<10)
	}
	return &Reader{in: in, limits: limits, seen: map[string]int{}}, nil
}

// Next returns the next case. It ends with io.EOF. A line that is no case is
// a *LineError; reading may go on unless its Cut is set. Empty lines count but
// give nothing.
func (r *Reader) Next() (*Record, error) {
	for {
		if r.done != nil {
			return nil, r.done
		}
		start := r.offset
		line, end := r.readLine()
		r.done = end
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		rec, err := r.decode(line, start)
		switch {
		case err == nil:
			return rec, nil
		case end != nil && !json.Valid(line):
			// The last line has no end and is no whole object: the file
			// was cut in the middle of it.
			var cut *LineError
			if !errors.As(end, &cut) {
				cut = &LineError{Line: r.line, Offset: r.offset, Cut: true, err: io.ErrUnexpectedEOF,
					Reason: fmt.Sprintf("the file ends in the middle of a line, which begins at byte %d (%s)", start, err.Reason)}
			}
			r.done = cut
		default:
			return nil, err
		}
	}
}

// readLine returns the next line without its end, and what must be answered
// after it: nil, io.EOF or a cut.
func (r *Reader) readLine() ([]byte, error) {
	r.line++
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		r.offset += int64(len(part))
		if r.offset > r.limits.TotalBytes {
			return nil, r.cut(fmt.Sprintf("the file is larger than %d bytes when decompressed", r.limits.TotalBytes), nil)
		}
		if len(line)+len(part) > r.limits.LineBytes+1 {
			return nil, r.cut(fmt.Sprintf("the line is longer than %d bytes", r.limits.LineBytes), nil)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return line, io.EOF
		case errors.Is(err, io.ErrUnexpectedEOF):
			return line, r.cut("the compressed file ends in the middle", err)
		case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
			return line, r.cut("the compressed file is damaged", err)
		default:
			return line, r.cut("the file cannot be read further: "+err.Error(), err)
		}
	}
}

func (r *Reader) cut(reason string, err error) *LineError {
	return &LineError{Line: r.line, Offset: r.offset, Reason: reason, Cut: true, err: err}
}

// ReadAll reads every case. What was read before a cut or before the first bad
// line comes back with the error.
func ReadAll(in io.Reader, limits Limits) ([]*Record, error) {
	r, err := NewReader(in, limits)
	if err != nil {
		return nil, err
	}
	var out []*Record
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, rec)
	}
}
