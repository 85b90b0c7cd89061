package portal

import (
	"encoding/json"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// trailPage is how many events of a trail stand on one page.
const trailPage = 50

// trail shows what the visitor did, as the ledger has it.
func (v *visit) trail() error {
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // anything else is the newest page
	var list []ledger.Record
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = ledger.ByActor(tx, v.Actor, before, trailPage)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.accountFrame("/me/trail")}
	t := &look.Table{ID: "trail", Caption: "What you did, newest first", Hidden: true, Filter: true, Empty: &look.Empty{Text: "You have done nothing yet that the ledger keeps."},
		Columns: []look.Column{{Label: "Number", Num: true}, {Label: "What", Wide: true}, {Label: "On"}, {Label: "When"}, {Label: "Proof"}}}
	for _, r := range list {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: strconv.FormatInt(r.Seq, 10)}, {Text: eventText(r)}, {Text: r.Object.Kind, Sub: r.Object.ID}, {Time: r.At},
			{Button: &look.Button{Label: "Download proof", Action: "/me/trail/" + strconv.FormatInt(r.Seq, 10) + "/proof"}}}})
	}
	if len(list) == trailPage {
		t.Pager = &look.Pager{Next: "/me/trail?before=" + strconv.FormatInt(list[len(list)-1].Seq, 10)}
	}
	data.Parts = []part{{Lede: "Whatever changes here is an event in a ledger that nobody can rewrite unnoticed, the operator included. A proof is a file that shows, without this server, that your event is in it.", Table: t}}
	return v.show("sheet", data)
}

// proof is a download that may have to sign a checkpoint first, so it is
// asked for by POST.
func (v *visit) proof() error {
	seq, err := strconv.ParseInt(v.path("seq"), 10, 64)
	if err != nil {
		return errs.Missing("event")
	}
	keeper, err := v.keeper()
	if err != nil {
		return err
	}
	var p ledger.Proof
	err = v.write(func(tx *db.Tx) (err error) {
		p, err = keeper.Prove(tx, v.Actor, seq)
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "ledger-proof-"+v.path("seq")+".json")
	enc := json.NewEncoder(v.w)
	enc.SetIndent("", "  ")
	return enc.Encode(p)
}
