package delivery

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Notice is one line of a person's inbox.
type Notice struct {
	Seq    int64     `json:"seq"` // the event's number, and the notice's name
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Class  Class     `json:"class"`
	Number string    `json:"number,omitempty"` // of the case, report or advisory
	Title  string    `json:"title"`
	URL    string    `json:"url"` // path on this server
	ReadAt time.Time `json:"read_at,omitzero"`
}

const noticeColumns = `n.seq, n.at, n.kind, n.class, n.number, n.title, n.url, n.read_at`

func scanNotice(n *Notice) []any {
	return []any{&n.Seq, db.At(&n.At), &n.Kind, &n.Class, &n.Number, &n.Title, &n.URL, db.At(&n.ReadAt)}
}

// mine is the source of an actor's notices: those whose event they may still
// see. Whoever left a case keeps no line about it.
func mine(a audience.Actor, args *db.Args) string {
	return ` FROM notice n JOIN event e ON e.seq = n.seq WHERE n.person_id = ` + args.Add(a.Person) + ` AND ` + audience.Visible(a, "e", args)
}

// Filter narrows an inbox.
type Filter struct {
	Class  Class // or "" for all
	Unread bool  // only what is not read
	Before int64 // Next of the page before, or 0
	Limit  int   // 1 to 200; 0 means 50
}

// Page is one page of an inbox, newest first. Next is 0 on the last one.
type Page struct {
	Notices []Notice `json:"notices"`
	Next    int64    `json:"next,omitempty"`
}

// Inbox lists the actor's own notices.
func Inbox(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	if err := readable(a); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	var args db.Args
	q := `SELECT ` + noticeColumns + mine(a, &args)
	if f.Class != "" {
		q += ` AND n.class = ` + args.Add(string(f.Class))
	}
	if f.Unread {
		q += ` AND n.read_at IS NULL`
	}
	if f.Before > 0 {
		q += ` AND n.seq < ` + args.Add(f.Before)
	}
	list, err := db.All(tx, scanNotice, q+` ORDER BY n.seq DESC`+db.Limit(f.Limit+1), args...)
	page := Page{Notices: list}
	if len(list) > f.Limit {
		page.Notices = list[:f.Limit]
		page.Next = page.Notices[f.Limit-1].Seq
	}
	return page, err
}

func readable(a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if !charter.Allows(a, charter.ScopeRead) {
		return errs.New(errs.Denied, "This token lacks the scope read.")
	}
	return nil
}

// Unread is what the header of every page shows.
type Unread struct {
	Count  int      `json:"count"` // at most MaxUnread
	Alarms []Notice `json:"alarms"`
}

// MaxUnread is where counting stops.
const MaxUnread = 100

// UnreadOf counts the actor's unread notices and lists the unread alarms,
// newest first, at most five. A visitor without an account has none.
func UnreadOf(tx *db.Tx, a audience.Actor) (Unread, error) {
	if readable(a) != nil {
		return Unread{}, nil
	}
	var u Unread
	var args db.Args
	inner := `SELECT 1` + mine(a, &args) + ` AND n.read_at IS NULL` + db.Limit(MaxUnread)
	var err error
	if u.Count, err = db.Value[int](tx, `SELECT COUNT(*) FROM (`+inner+`) x`, args...); err != nil || u.Count == 0 {
		return u, err
	}
	args = nil
	u.Alarms, err = db.All(tx, scanNotice, `SELECT `+noticeColumns+mine(a, &args)+` AND n.read_at IS NULL AND n.class = 'alarm' ORDER BY n.seq DESC LIMIT 5`, args...)
	return u, err
}

// MarkRead marks notices of the actor as read; numbers that are not theirs
// change nothing. It returns how many it marked.
func MarkRead(tx *db.Tx, a audience.Actor, seqs []int64) (int64, error) {
	if len(seqs) == 0 {
		return 0, readable(a)
	}
	if len(seqs) > 500 {
		return 0, errs.Bad("seq", "Name at most 500 notices.")
	}
	var args db.Args
	return markRead(tx, a, &args, ` AND seq IN `+db.List(&args, seqs))
}

// MarkAllRead marks everything up to an event number as read: the newest one
// that was on the page, so that nothing unseen is marked.
func MarkAllRead(tx *db.Tx, a audience.Actor, upTo int64) (int64, error) {
	var args db.Args
	return markRead(tx, a, &args, ` AND seq <= `+args.Add(upTo))
}

// Sight is what a page shows of what notices are about.
type Sight struct {
	URL    string    // the page that they lead to
	Object string    // of them those about this record; empty: all
	Until  time.Time // of them those of this instant and before; zero: all
}

func (s Sight) where(args *db.Args) string {
	q := ` AND url = ` + args.Add(s.URL)
	if s.Object != "" {
		q += ` AND object_id = ` + args.Add(s.Object)
	}
	if !s.Until.IsZero() {
		q += ` AND at <= ` + args.Add(db.Micros(s.Until))
	}
	return q
}

// Waits reports whether MarkSeen would mark anything, so that a page which
// tells nothing new costs no write. The index notice_here answers it.
func Waits(tx *db.Tx, a audience.Actor, s Sight) (bool, error) {
	if readable(a) != nil {
		return false, nil
	}
	var args db.Args
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT 1 FROM notice WHERE person_id = `+args.Add(a.Person)+` AND read_at IS NULL`+s.where(&args)+` LIMIT 1) x`, args...)
	return n > 0, err
}

// MarkSeen marks as read what the actor has before them.
func MarkSeen(tx *db.Tx, a audience.Actor, s Sight) (int64, error) {
	var args db.Args
	return markRead(tx, a, &args, s.where(&args))
}

func markRead(tx *db.Tx, a audience.Actor, args *db.Args, where string) (int64, error) {
	if err := readable(a); err != nil {
		return 0, err
	}
	return tx.Exec(`UPDATE notice SET waiting = 0, read_at = `+args.Add(db.Micros(tx.Now))+` WHERE person_id = `+args.Add(a.Person)+` AND read_at IS NULL`+where, *args...)
}
