package portal

import (
	"net/url"
	"strconv"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

const agreementsPath = "/alliance/agreements"

var agreementWords = map[agreements.Kind]string{agreements.NDA: "NDA", agreements.Memo: "memorandum", agreements.Program: "program terms", agreements.Antitrust: "antitrust notice", agreements.CaseTerms: "case terms"}

var readerWords = map[agreements.Sight]string{agreements.Public: "Everybody, without an account too", agreements.Members: "Everybody with an account", agreements.Concerned: "Whom it is asked of, and who accepted it once"}

// agreementsPage lists the agreements, and what waits for the visitor first.
func (v *visit) agreementsPage() error {
	kind, withdrawn := agreements.Kind(v.query("kind")), v.query("withdrawn") != ""
	var list []agreements.Agreement
	var owed []agreements.Owing
	err := v.read(func(tx *db.Tx) (err error) {
		if list, err = agreements.List(tx, v.Actor, agreements.Filter{Kind: kind, Withdrawn: withdrawn}); err != nil {
			return err
		}
		owed, err = agreements.Owed(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(agreementsPath)}
	if charter.Administers(v.Actor) {
		data.Head.Actions = []look.Button{{Label: "Write an agreement", Href: agreementsPath + "/new"}}
	}
	waiting := map[string]string{}
	for _, o := range owed {
		for_ := o.Name
		if for_ == "" {
			for_ = "you"
		}
		if waiting[o.Text.Agreement] != "" {
			for_ = waiting[o.Text.Agreement] + ", " + for_
		}
		waiting[o.Text.Agreement] = for_
	}
	t := &look.Table{ID: "agreements", Caption: "Agreements", Hidden: true, Whole: true, Empty: &look.Empty{Text: "No agreement fits."},
		Columns: []look.Column{{Label: "Agreement", Wide: true}, {Label: "Kind"}, {Label: "Version", Num: true}, {Label: "Stands since"}, {Label: "Waits for"}},
		Exports: []look.Link{{Label: "Acceptances as CSV", Href: agreementsPath + "/acceptances.csv"}}}
	for _, g := range list {
		name := look.Cell{Text: g.Title, Href: gate.AgreementPath(g.ID)}
		if g.State != agreements.Active {
			name.Sub = string(g.State)
		}
		wait := look.Cell{Text: "–"}
		if w := waiting[g.ID]; w != "" {
			wait = look.Cell{Chip: &look.Chip{Label: short(w, 80), Tone: look.Waiting, Href: gate.AgreementPath(g.ID)}}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{name, {Chip: &look.Chip{Label: agreementWords[g.Kind]}}, {Text: strconv.Itoa(g.Current.Number)}, {Time: g.Current.At}, wait}})
	}
	data.Parts = []part{{Chips: agreementChips(kind, withdrawn), Table: t}}
	return v.show("sheet", data)
}

// agreementChips narrow the list to one kind, or take in what was withdrawn.
func agreementChips(kind agreements.Kind, withdrawn bool) []look.Chip {
	chip := func(label string, k agreements.Kind, gone, on bool) look.Chip {
		q := url.Values{}
		if k != "" {
			q.Set("kind", string(k))
		}
		if gone {
			q.Set("withdrawn", "1")
		}
		c := look.Chip{Label: label, Href: agreementsPath + "?" + q.Encode()}
		if on {
			c.Label, c.Tone = "✓ "+label, look.Info
		}
		return c
	}
	out := []look.Chip{chip("all kinds", "", withdrawn, kind == "")}
	for _, k := range agreements.Kinds {
		out = append(out, chip(agreementWords[k], k, withdrawn, kind == k))
	}
	return append(out, chip("also withdrawn ones", kind, !withdrawn, withdrawn))
}

// acceptancesCSV exports the acceptances that the visitor sees.
func (v *visit) acceptancesCSV() error {
	var list []agreements.Acceptance
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = agreements.All(tx, v.Actor, agreements.Sought{Agreement: v.query("agreement"), Standing: v.query("standing")})
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "acceptances.csv")
	return agreements.WriteCSV(v.w, list)
}
