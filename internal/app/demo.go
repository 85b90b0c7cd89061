package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
)

// guest is one of the people whose sign-in links a demo prints.
type guest struct{ email, name, what string }

var guests = []guest{
	{"cora@meridian.example", "Cora Lindqvist", "coordinator"},
	{"viktor@vexel.example", "Viktor Anand", "PSIRT lead of Vexel Systems"},
	{"wanda@wharf.example", "Wanda Okafor", "PSIRT lead of Wharf Networks, its competitor"},
	{"remy@finders.example", "Remy Castellan", "researcher"},
	{"otto@outer-ring.example", "Otto Brandt", "provider, without access to the case"},
	{"lena@northgate-cert.example", "Lena Vogt", "national CERT"},
	{"grace@first-harbor.example", "Grace Lim", "bank"},
	{"marek@northgate-agency.example", "Marek Dvorin", "government agency"},
}

// greetDemo makes the demo alliance at the first start and prints a sign-in
// link for each guest.
func greetDemo(ctx context.Context, cfg Config, h *gate.House, out io.Writer) error {
	var founded bool
	err := h.Read(ctx, func(tx *db.Tx) (err error) {
		founded, err = charter.Founded(tx)
		return err
	})
	if err == nil && !founded {
		fmt.Fprintln(out, "Making the demo alliance …")
		err = furnishDemo(ctx, cfg, h.DB.Clock.Now())
	}
	if err != nil {
		return err
	}
	err = h.Write(ctx, func(tx *db.Tx) error {
		h.Guests = nil
		for _, g := range guests {
			p, err := people.ByEmail(tx, g.email)
			if err != nil {
				return err
			}
			secret, err := people.IssueLink(tx, audience.Actor{}, p.ID, people.LinkDemo)
			if err != nil {
				return err
			}
			h.Guests = append(h.Guests, gate.Guest{Name: g.name, Role: g.what, Path: people.SignInPath(secret)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Sign in with one click as:")
	for _, g := range h.Guests {
		fmt.Fprintf(out, "  %-60s %s%s\n", g.Name+", "+g.Role, h.URL, g.Path)
	}
	return nil
}

// script lives through the demo's past: its clock starts weeks ago and is
// moved by hand, so that every record and event has the time it would have.
type script struct {
	ctx   context.Context
	house *gate.House
	clock *clock.Fake
	now   time.Time // the present, where the script ends
	cast  map[string]audience.Actor
	orgs  map[string]string // organization id by name
	live  string            // id of the case in the middle of its embargo
	tree  map[string]string // program id by its template; "" is the umbrella
}

// furnishDemo plays the script on a connection of its own.
func furnishDemo(ctx context.Context, cfg Config, now time.Time) error {
	s := &script{ctx: ctx, now: now, clock: clock.NewFake(now.Add(-60 * 24 * time.Hour)), cast: map[string]audience.Actor{}, orgs: map[string]string{}, tree: map[string]string{}}
	cfg.Clock = s.clock
	var err error
	if s.house, err = Open(ctx, cfg); err != nil {
		return err
	}
	defer s.house.DB.Close()
	for _, act := range []func() error{s.found, s.gather, s.plant, s.agreeTo, s.seatBoard, s.reach, s.claim, s.liveCase, s.releasedCase, s.smallCases, s.openMotions, s.applying, s.roadmap, s.triage} {
		if err := act(); err != nil {
			return fmt.Errorf("demo alliance: %w", err)
		}
	}
	return nil
}

// at moves the script to a time before the present.
func (s *script) at(before time.Duration) { s.clock.Set(s.now.Add(-before)) }

// do runs one verb or several in a transaction.
func (s *script) do(f func(tx *db.Tx) error) error { return s.house.Write(s.ctx, f) }

// actor is a person with the seats they have at this point of the script.
func (s *script) actor(tx *db.Tx, email string) (audience.Actor, error) {
	p, err := people.ByEmail(tx, email)
	if err != nil {
		return audience.Actor{}, err
	}
	return people.ActorOf(tx, p.ID)
}

const day = 24 * time.Hour
