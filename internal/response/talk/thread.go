package talk

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/tlp"
)

// Kind is what a thread is for.
type Kind string

// The kinds. Every case has one general and one team thread; every party has
// a private one with the coordinators, which for a finder is called so; a
// product has one when somebody opens it.
const (
	General Kind = "general"
	Product Kind = "product"
	Private Kind = "private"
	Finder  Kind = "finder"
	Team    Kind = "team"
)

// Thread is one line of talk in a case, as the asking actor finds it.
type Thread struct {
	ID          string    `json:"id"`
	Case        string    `json:"case_id"`
	Kind        Kind      `json:"kind"`
	Participant string    `json:"participant_id,omitempty"` // whose private thread or product it is
	Product     string    `json:"product_id,omitempty"`
	Audience    string    `json:"-"`
	Level       tlp.Level `json:"tlp"` // the least a message here carries
	Title       string    `json:"title"`
	Closed      bool      `json:"closed"`             // read by few: private, finder's and team threads
	OpenedAt    time.Time `json:"opened_at,omitzero"` // zero: nothing was said yet
	Unread      int       `json:"unread"`             // by others, not retracted
	Last        *Last     `json:"last,omitempty"`
}

// Last is the newest message of a thread that the actor may see.
type Last struct {
	Message string    `json:"message_id"`
	At      time.Time `json:"at"`
	Author  Author    `json:"author"`
	Snippet string    `json:"snippet"` // plain text, one line; empty when retracted
}

const threadColumns = `t.id, t.case_id, t.kind, t.participant_id, t.product_id, t.audience_id, t.tlp, t.title, t.opened_at`

func scanThread(t *Thread) []any {
	return []any{&t.ID, &t.Case, &t.Kind, &t.Participant, &t.Product, &t.Audience, &t.Level, &t.Title, db.At(&t.OpenedAt)}
}

func (t Thread) ref() ledger.Object { return ledger.Object{Kind: "thread", ID: t.ID} }

func (t Thread) notice() Notice { return Notice{Thread: t.ID, Title: t.Title, Kind: t.Kind} }

// path is the page that shows the thread.
func (t Thread) path(c casework.Case) string { return "/cases/" + c.Number + "/talk/" + t.ID }

// A thread's id follows from what it is about, so that it can be named before
// anything was said in it, and so that two who open it at once open one.
func threadID(mark, about string) string {
	_, rest, _ := strings.Cut(about, "_")
	return "thr_" + mark + rest
}

const (
	markGeneral = "g"
	markTeam    = "t"
	markParty   = "p"
	markProduct = "r"
)

// GeneralID, TeamID, PrivateID and ProductID name the threads of a case, a
// participant (a finder's included) and a product.
func GeneralID(caseID string) string { return threadID(markGeneral, caseID) }

// TeamID names the coordinators' own thread of a case.
func TeamID(caseID string) string { return threadID(markTeam, caseID) }

// PrivateID names the thread between a participant and the coordinators.
func PrivateID(participantID string) string { return threadID(markParty, participantID) }

// ProductID names the thread about a product.
func ProductID(productID string) string { return threadID(markProduct, productID) }

func general(c casework.Case) Thread {
	return Thread{ID: GeneralID(c.ID), Case: c.ID, Kind: General, Audience: c.Audience, Level: c.Level, Title: "General"}
}

func team(c casework.Case) Thread {
	return Thread{ID: TeamID(c.ID), Case: c.ID, Kind: Team, Audience: c.Team, Level: c.Level, Title: "Coordinators only", Closed: true}
}

func private(c casework.Case, p casework.Participant) Thread {
	t := Thread{ID: PrivateID(p.ID), Case: c.ID, Kind: Private, Participant: p.ID, Audience: p.Private, Level: c.Level, Title: "Private: " + p.Name, Closed: true}
	if p.Role == casework.Finder {
		t.Kind, t.Title = Finder, "Finder: "+p.Name
	}
	return t
}

// LoadThread finds a thread that the actor may see, whether or not anything
// was said in it, with its case and the actor's role in it.
func LoadThread(tx *db.Tx, a audience.Actor, id string) (Thread, casework.Case, audience.Role, error) {
	missing := errs.Missing("thread")
	t, ok, err := db.One(tx, scanThread, `SELECT `+threadColumns+` FROM thread t WHERE t.id = $1`, id)
	var c casework.Case
	if err == nil && !ok {
		t, c, err = unopened(tx, id)
	} else if err == nil {
		t.Closed = t.Kind != General && t.Kind != Product
		c, err = casework.ByID(tx, t.Case)
	}
	if err != nil {
		if errs.Is(err, errs.NotFound) {
			err = missing
		}
		return Thread{}, c, audience.None, err
	}
	role, err := audience.RoleAt(tx, a, t.Audience, t.Level)
	if err == nil && role == audience.None {
		return Thread{}, casework.Case{}, role, missing
	}
	return t, c, role, err
}

// unopened is the thread of a case or a participant in which nothing was said
// yet.
func unopened(tx *db.Tx, id string) (Thread, casework.Case, error) {
	rest, ok := strings.CutPrefix(id, "thr_")
	if !ok || rest == "" {
		return Thread{}, casework.Case{}, errs.Missing("thread")
	}
	mark, about := rest[:1], rest[1:]
	switch mark {
	case markGeneral, markTeam:
		c, err := casework.ByID(tx, "case_"+about)
		if mark == markTeam {
			return team(c), c, err
		}
		return general(c), c, err
	case markParty:
		p, err := casework.PartyByID(tx, "par_"+about)
		if err != nil {
			return Thread{}, casework.Case{}, err
		}
		c, err := casework.ByID(tx, p.Case)
		return private(c, p), c, err
	}
	return Thread{}, casework.Case{}, errs.Missing("thread")
}

// ensure writes the thread's row when it is needed first. Of two at once, one
// opens it.
func ensure(tx *db.Tx, a audience.Actor, c casework.Case, t *Thread) error {
	if !t.OpenedAt.IsZero() {
		return nil
	}
	n, err := tx.Exec(`INSERT INTO thread (id, case_id, kind, participant_id, product_id, audience_id, tlp, title, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		t.ID, t.Case, string(t.Kind), t.Participant, t.Product, t.Audience, int(t.Level), t.Title, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	t.OpenedAt = tx.Now
	if n == 1 {
		// Only a product's thread is opened by somebody; the others are there
		// from the beginning.
		e := happened(audience.Actor{}, c, EventThreadOpened, t.Audience, t.ref(), t.notice(), threadTable.Of(t.ID))
		if t.Kind == Product {
			e.Actor, e.Party = a, t.Participant
		}
		ledger.Append(tx, e)
	}
	return nil
}

// Ensure opens a thread of a case or a participant, if nobody did before. The
// actor must be able to write in it.
func Ensure(tx *db.Tx, a audience.Actor, id string) (Thread, error) {
	t, c, err := writable(tx, a, id)
	if err != nil {
		return t, err
	}
	return t, ensure(tx, a, c, &t)
}

// OpenProduct opens the thread about a product: a coordinator or the vendor
// may. Who may know of the vendor reads it.
func OpenProduct(tx *db.Tx, a audience.Actor, caseRef, productID string) (Thread, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Contributor)
	if err != nil {
		return Thread{}, err
	}
	list, err := matrix.Products(tx, a, c.ID)
	if err != nil {
		return Thread{}, err
	}
	i := slices.IndexFunc(list, func(r matrix.Product) bool { return r.ID == productID })
	if i < 0 {
		return Thread{}, errs.Missing("product")
	}
	p, _, err := casework.ActingFor(tx, a, c, list[i].Participant)
	if err != nil {
		return Thread{}, err
	}
	t := Thread{ID: ProductID(productID), Case: c.ID, Kind: Product, Participant: p.ID, Product: productID, Audience: p.Audience, Level: c.Level, Title: "Product: " + list[i].Name}
	if err := hold(tx, a, &t); err != nil {
		return Thread{}, err
	}
	if err := ensure(tx, a, c, &t); err != nil {
		return Thread{}, err
	}
	t, _, _, err = LoadThread(tx, a, t.ID)
	return t, err
}

// writable is LoadThread for a verb: the actor contributes, and the case is
// open.
func writable(tx *db.Tx, a audience.Actor, id string) (Thread, casework.Case, error) {
	t, c, role, err := LoadThread(tx, a, id)
	switch {
	case err != nil:
	case role < audience.Contributor:
		err = errs.New(errs.Denied, "You may read this thread, but not write in it.")
	case c.State != casework.Open:
		err = errs.New(errs.Conflict, "The case %s is %s; reopen it first.", c.Number, c.State)
	}
	return t, c, err
}
