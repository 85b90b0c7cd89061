package talk_test

import (
	"fmt"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/talk"
)

// BenchmarkTalk is a case with 300 vendors, a private thread with each of
// which is used, and 500 messages in the general thread.
func BenchmarkTalk(b *testing.B) {
	for _, dialect := range dbtest.Dialects {
		b.Run(string(dialect), func(b *testing.B) {
			d, _ := dbtest.Open(b, dialect)
			s := casetest.New(b, d).Accept(b)
			var targets []casework.Target
			for i := range 298 {
				targets = append(targets, casework.Target{Kind: audience.Org, ID: fmt.Sprintf("org_%d", i), Name: fmt.Sprintf("Vendor %d", i)})
			}
			casetest.Must(b, d, func(tx *db.Tx) error {
				list, err := casework.Invite(tx, s.Ada, s.Case.ID, casework.Inclusion{Reason: "all ship it", Targets: targets})
				if err != nil {
					return err
				}
				for _, p := range list {
					if _, err := talk.Post(tx, s.Ada, talk.PrivateID(p.ID), talk.Draft{Body: "Please tell us where you stand."}); err != nil {
						return err
					}
				}
				for i := range 500 {
					if _, err := talk.Post(tx, s.Vera, talk.GeneralID(s.Case.ID), talk.Draft{Body: fmt.Sprintf("We found *another* path, number %d.", i)}); err != nil {
						return err
					}
				}
				return nil
			})
			for name, a := range map[string]audience.Actor{"coordinator": s.Ada, "vendor": s.Vera} {
				run := func(what string, f func(tx *db.Tx) error) {
					b.Run(name+"/"+what, func(b *testing.B) {
						for b.Loop() {
							if err := d.Read(b.Context(), f); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
				run("threads", func(tx *db.Tx) error {
					_, err := talk.Threads(tx, a, s.Case.ID)
					return err
				})
				run("messages", func(tx *db.Tx) error {
					p, err := talk.List(tx, a, talk.GeneralID(s.Case.ID), talk.Paging{})
					if err == nil && len(p.Messages) != 50 {
						err = fmt.Errorf("%d messages", len(p.Messages))
					}
					return err
				})
				run("questions", func(tx *db.Tx) error {
					_, err := talk.Questions(tx, a, "")
					return err
				})
			}
		})
	}
}
