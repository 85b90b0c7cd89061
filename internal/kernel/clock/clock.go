// Package clock is the one source of time. Everything that asks for "now"
// gets a Clock injected, so that a whole case can be lived through in a test
// and visibility at a release instant is a fact of the data.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now is the current instant in UTC, cut to microseconds, which is what
	// both databases keep.
	Now() time.Time
}

// System is the machine's clock. It never runs backwards within one process:
// after a step back it stands still until the machine catches up, so that
// two events keep their order and nothing that was visible hides again.
func System() Clock { return &system{} }

type system struct {
	mu   sync.Mutex
	last time.Time
}

func (s *system) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now().UTC().Truncate(time.Microsecond); now.After(s.last) {
		s.last = now
	}
	return s.last
}

// Fake is a Clock that a test moves by hand. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts a Fake at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC().Truncate(time.Microsecond)} }

// Now is the instant last set.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Set moves the clock to t, backwards too: a clock step is a fault to test.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t.UTC().Truncate(time.Microsecond)
}

// Advance moves the clock by d and returns the new instant.
func (f *Fake) Advance(d time.Duration) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d).Truncate(time.Microsecond)
	return f.now
}

// Micros is t as it is stored: microseconds since 1970 UTC; 0 for the zero
// time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the instant stored as µs; the zero time for 0.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
