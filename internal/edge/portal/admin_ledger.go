package portal

import (
	"io"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

func (v *visit) ledgerSheet() (sheet, *ledger.Keeper, error) {
	keeper, err := v.keeper()
	if err != nil {
		return sheet{}, nil, err
	}
	var size int64
	err = v.read(func(tx *db.Tx) error {
		size, err = ledger.Size(tx)
		return err
	})
	data := sheet{Frame: v.adminFrame("/admin/ledger"), Parts: []part{{Title: "The ledger", Lede: "Every change is an event, hashed into a tree whose root is signed. Give the checkpoint to somebody outside now and then: whoever holds one can show later that nothing before it was rewritten.",
		Facts:   &look.Facts{Items: []look.Fact{{Term: "Events", Text: strconv.FormatInt(size, 10)}, {Term: "Public key", Text: keeper.PublicKey(), Code: true}}},
		Buttons: []look.Button{{Label: "Verify now", Kind: look.Primary, Action: "/admin/ledger/verify"}, {Label: "Download a signed checkpoint", Action: "/admin/ledger/checkpoint"}}}}}
	return data, keeper, err
}

func (v *visit) ledgerPage() error {
	data, _, err := v.ledgerSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// maxProblems bounds what is listed; a broken ledger may have one per event.
const maxProblems = 200

// verifyLedger recomputes the tree and holds every record against it. It
// changes nothing, and is a POST because it works hard.
func (v *visit) verifyLedger() error {
	data, keeper, err := v.ledgerSheet()
	if err != nil {
		return err
	}
	report, err := keeper.Verify(v.r.Context(), v.DB, v.Tables)
	if err != nil {
		return err
	}
	result := part{Title: "Verified", Facts: &look.Facts{Items: []look.Fact{{Term: "At", Time: v.now}, {Term: "Events", Text: strconv.FormatInt(report.Events, 10)}, {Term: "Rows compared", Text: strconv.FormatInt(report.Rows, 10)},
		{Term: "Checkpoints", Text: strconv.FormatInt(report.Checkpoints, 10)}, {Term: "Root", Text: report.Root, Code: true}}}}
	if len(report.Problems) == 0 {
		data.Notices = []look.Notice{{Tone: look.Good, Title: "Everything holds", Text: "The tree, every checkpoint and every record agree."}}
	} else {
		data.Notices = []look.Notice{{Tone: look.Bad, Title: "Something does not hold", Text: "Records were changed past the program, or the database was damaged. Keep a copy of it before anything else."}}
		t := &look.Table{ID: "problems", Caption: "What does not hold", Whole: true, Columns: []look.Column{{Label: "Problem", Wide: true}}}
		for _, p := range report.Problems[:min(len(report.Problems), maxProblems)] {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: short(p, 300)}}})
		}
		result.Table = t
	}
	data.Parts = append([]part{result}, data.Parts...)
	return v.show("sheet", data)
}

// checkpoint downloads the ledger's signed head, in the C2SP note format.
func (v *visit) checkpoint() error {
	keeper, err := v.keeper()
	if err != nil {
		return err
	}
	var note string
	err = v.write(func(tx *db.Tx) (err error) {
		note, err = keeper.Checkpoint(tx)
		return err
	})
	if err != nil {
		return err
	}
	if note == "" {
		return errs.New(errs.Conflict, "The ledger is empty; there is nothing to sign yet.")
	}
	download(v.w, "ledger-checkpoint.txt")
	_, err = io.WriteString(v.w, note)
	return err
}
