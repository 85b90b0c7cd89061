package kill

import (
	"context"
	"testing"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
	"tocsin/test/harness"
)

// TestClockStep moves the machine's clock by hours, back and forth, between
// two starts of the server, which is the one moment at which it can be seen
// to run backwards.
func TestClockStep(t *testing.T) {
	both(t, func(t *testing.T, o harness.Options) {
		w := found(t, o)
		begun := time.Now()
		var thread, number string
		for i, at := range []time.Duration{time.Hour, -time.Hour, 48 * time.Hour, 2 * time.Hour} {
			h, err := app.Open(context.Background(), app.Config{Listen: "127.0.0.1:0", URL: w.URL, Data: w.Data, DB: w.DB, Clock: clock.NewFake(begun.Add(at))})
			if err != nil {
				t.Fatal(err)
			}
			err = h.Write(context.Background(), func(tx *db.Tx) error {
				cora, err := people.ActorOf(tx, w.cora.person)
				if err != nil {
					return err
				}
				if i == 0 {
					number, thread, err = openCase(tx, cora)
					if err != nil {
						return err
					}
				}
				_, err = talk.Post(tx, cora, thread, talk.Draft{Body: at.String()})
				return err
			})
			if err != nil {
				t.Errorf("with the clock at %v: %v", at, err)
			}
			h.DB.Close()
		}
		w.Start(t)
		c := w.Client(t)
		c.Token = w.cora.token
		if got := (reader{t, c}).messages(thread); len(got) != 4 {
			t.Errorf("%d of 4 messages stand: %v", len(got), got)
		}
		var k named
		if a := c.JSON(t, "GET", "/api/v1/cases/"+number, nil, &k); a.Status != 200 {
			t.Errorf("the case answers %d: %s", a.Status, a.Body)
		}
		(&opened{world: w}).holds(t)
	})
}

func openCase(tx *db.Tx, cora audience.Actor) (number, thread string, err error) {
	c, err := casework.OpenCase(tx, cora, casework.NewCase{Title: "Heap overflow", Level: tlp.Amber})
	if err != nil {
		return "", "", err
	}
	list, err := talk.Threads(tx, cora, c.ID)
	for _, th := range list {
		if th.Kind == talk.General {
			thread = th.ID
		}
	}
	return c.Number, thread, err
}
