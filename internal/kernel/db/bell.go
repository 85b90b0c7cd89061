package db

import "sync"

// Bell wakes whoever waits for new work in this process. It may ring for
// nothing and another process does not hear it, so waiters poll as well.
type Bell struct {
	mu sync.Mutex
	ch chan struct{}
}

// Ring wakes everybody who holds a channel from Next.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// Next is closed at the next Ring. Take it before looking for work, then no
// ring is missed.
func (b *Bell) Next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}
