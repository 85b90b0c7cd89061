package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// Pace and bounds of the live stream.
const (
	livePoll     = 2 * time.Second
	liveBeat     = 15 * time.Second
	liveRecheck  = 30 * time.Second
	liveGather   = 100 * time.Millisecond // a burst of commits is read once
	liveWrite    = 20 * time.Second       // for a browser to take what it is sent
	liveEach     = 20                     // streams of one person
	liveAll      = 4000                   // streams of this process
	liveCatchUp  = 1000                   // events that a browser may have missed and still be told of one by one
	liveRetry    = 3000                   // milliseconds after which a browser comes back
	liveFarewell = "event: end\ndata: {}\n\n"
)

// liveRoom counts the open streams.
type liveRoom struct {
	mu     sync.Mutex
	all    int
	person map[string]int
}

func newLiveRoom() *liveRoom { return &liveRoom{person: map[string]int{}} }

// enter takes a place in the room, or says that there is none.
func (r *liveRoom) enter(person string) (leave func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.all >= liveAll:
		return nil, errs.New(errs.Unavailable, "Too many pages are open on this server for live changes. Reload now and then.")
	case r.person[person] >= liveEach:
		return nil, errs.New(errs.RateLimited, "You have %s with live changes open. Close some.", look.Plural(liveEach, "page", "pages"))
	}
	r.all++
	r.person[person]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all--
		if r.person[person]--; r.person[person] == 0 {
			delete(r.person, person)
		}
	}, nil
}

// signal is what a browser is told: that something changed, never what.
type signal struct {
	Seq   int64  `json:"seq"`
	Kind  string `json:"kind,omitempty"`
	Scope string `json:"scope,omitempty"` // the case's or report's number
}

// stream is one open live stream.
type stream struct {
	*visit
	secret  string // of the session
	caseRef string // only what belongs to this case; "" for all
	after   int64  // the newest event that was read
	checked time.Time
}

// live streams the changes that the visitor may see as server-sent events.
func (v *visit) live() error {
	cookie, err := v.r.Cookie(v.SessionCookie())
	if err != nil {
		return errs.New(errs.Unauthenticated, "Sign in first.")
	}
	leave, err := v.room.enter(v.Actor.Person)
	if err != nil {
		return err
	}
	defer leave()
	s := &stream{visit: v, secret: cookie.Value, caseRef: v.query("case"), after: lastEvent(v.r)}
	bell := v.DB.Bell.Next()
	first, err := s.look(v.r.Context(), true)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers would hold every change back
	v.w.WriteHeader(http.StatusOK)
	if err := s.say(fmt.Sprintf("retry: %d\n\n", liveRetry) + first); err != nil {
		return nil
	}
	s.run(bell)
	return nil
}

// lastEvent is where a browser that lost the line goes on; -1 begins now.
func lastEvent(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func (s *stream) run(bell <-chan struct{}) {
	ctx := s.r.Context()
	poll, beat := time.NewTicker(livePoll), time.NewTicker(liveBeat)
	defer poll.Stop()
	defer beat.Stop()
	for {
		force, text := false, ""
		select {
		case <-ctx.Done():
			return
		case <-bell:
			select {
			case <-ctx.Done():
				return
			case <-time.After(liveGather):
			}
		case <-poll.C:
		case <-beat.C:
			text = ": still here\n\n"
		}
		bell = s.DB.Bell.Next()
		force = time.Since(s.checked) >= liveRecheck
		news, err := s.look(ctx, force)
		switch {
		case err == nil:
		case errs.Is(err, errs.Unauthenticated), errs.Is(err, errs.NotFound):
			// Signed out, or the case is theirs no more.
			_ = s.say(liveFarewell)
			return
		case ctx.Err() != nil:
			return
		default:
			// The database may be back in a moment; the next look tells.
			s.Log.Warn("live stream waits", "err", err)
		}
		if text += news; text == "" {
			continue
		}
		if s.say(text) != nil {
			return
		}
	}
}

// look reads what is new, if anything is. Who the visitor is and what they
// may see is asked anew in the same snapshot.
func (s *stream) look(ctx context.Context, force bool) (text string, err error) {
	after := s.after
	err = s.Read(ctx, func(tx *db.Tx) error {
		text, after = "", s.after // a snapshot may be taken twice
		if !force {
			size, err := ledger.Size(tx)
			if err != nil || size-1 <= s.after {
				return err
			}
		}
		a, session, err := people.ActorBySession(tx, s.secret)
		if err != nil {
			return err
		}
		if session.Enroll {
			return errs.New(errs.Unauthenticated, "Sign in first.")
		}
		text, after, err = s.news(tx, a)
		return err
	})
	if err == nil {
		s.after = after
		if force {
			s.checked = time.Now()
		}
	}
	return text, err
}

// news is what happened since, and the event to go on from.
func (s *stream) news(tx *db.Tx, a audience.Actor) (text string, after int64, err error) {
	scope := ""
	if s.caseRef != "" {
		c, _, err := casework.Load(tx, a, s.caseRef)
		if err != nil {
			return "", s.after, err
		}
		scope = c.ID
	}
	size, err := ledger.Size(tx)
	if err != nil {
		return "", s.after, err
	}
	if s.after >= 0 && size-1-s.after > liveCatchUp {
		// So much was missed that the page is out of date in any case.
		return event(signal{Seq: size - 1}), size - 1, nil
	}
	list, last, err := delivery.Live(tx, a, s.after)
	if err != nil {
		return "", s.after, err
	}
	var b strings.Builder
	for _, x := range list {
		if scope == "" || x.Scope == scope {
			b.WriteString(event(signal{x.Seq, x.Kind, x.Number}))
		}
	}
	return b.String(), last, nil
}

func event(x signal) string {
	b, err := json.Marshal(x)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", x.Seq, b)
}

// say sends a text on; a browser that does not take it in time is gone.
func (s *stream) say(text string) error {
	line := http.NewResponseController(s.w)
	_ = line.SetWriteDeadline(time.Now().Add(liveWrite)) // a test's recorder has no line
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return line.Flush()
}
