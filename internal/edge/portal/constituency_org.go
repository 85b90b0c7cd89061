package portal

import (
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

// The forms of an organization's claims that can be refused.
type claimForms struct{ declare, sheet *look.Form }

// orgConstituency is what one organization answers for.
func (v *visit) orgConstituency() error {
	data, _, err := v.orgClaimSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) orgClaimSheet() (data sheet, forms claimForms, err error) {
	var o orgs.Org
	var page constituency.Page
	var laps constituency.OverlapPage
	speaks := false
	err = v.read(func(tx *db.Tx) (err error) {
		if o, err = orgs.Get(tx, v.Actor, v.path("org")); err != nil {
			return err
		}
		f := v.claimFilter()
		f.Org = o.ID
		if page, err = constituency.List(tx, v.Actor, f); err != nil {
			return err
		}
		if laps, err = constituency.Overlaps(tx, v.Actor, constituency.OverlapFilter{Org: o.ID, Limit: 100}); err != nil {
			return err
		}
		speaks, err = constituency.Speaks(tx, v.Actor, o.ID)
		return err
	})
	if err != nil {
		return data, forms, err
	}
	data = sheet{Frame: v.orgFrame(o, "Constituency")}
	list := v.claimTable(page, orgClaims(o.ID), false)
	list.Empty = &look.Empty{Text: "Nothing that you may see is claimed."}
	data.Parts = []part{{Title: "What " + o.Name + " answers for", Chips: v.claimChips(), Table: list}}
	if len(laps.Overlaps) > 0 {
		data.Parts = append(data.Parts, part{Title: "Overlaps to be settled", Table: overlapTable(laps.Overlaps)})
	}
	if speaks {
		forms.declare = declareForm(o.ID, v.form("kind"), v.form("value"), v.form("note"))
		forms.sheet = sheetForm(o.ID, v.form("sheet"))
		data.Parts = append(data.Parts, part{Form: forms.declare}, part{Form: forms.sheet})
	}
	return data, forms, nil
}

func declareForm(orgID, kind, value, note string) *look.Form {
	f := look.Form{Title: "Claim something", Action: orgClaims(orgID), Button: look.Button{Label: "Claim it", Kind: look.Primary}, Fields: []look.Field{kindField(kind),
		{Name: "value", Label: "Which", Hint: "Such as AS3333, 193.0.0.0/21, vendor.com, CH, " + spec.Sectors[0].ID + " or pkg:npm/name.", Value: value, Max: spec.MaxText, Code: true},
		{Kind: look.Area, Name: "note", Label: "Note for coordinators", Value: note, Optional: true, Rows: 2, Max: spec.MaxNote}}}.Keyed("declare")
	return &f
}

func (v *visit) declareClaim() error {
	if err := v.parse(); err != nil {
		return err
	}
	var c constituency.Claim
	err := v.write(func(tx *db.Tx) (err error) {
		c, err = v.Registrar().Declare(tx, v.Actor, v.path("org"), spec.Kind(v.form("kind")), v.form("value"), v.form("note"))
		return err
	})
	if err == nil {
		return v.next(claimPath(c.ID), c.Spec().Words()+" is claimed. Prove it now.")
	}
	return v.refusedClaim(err, func(f claimForms) *look.Form { return f.declare })
}

// refusedClaim shows the page again with a form's refusal.
func (v *visit) refusedClaim(err error, which func(claimForms) *look.Form) error {
	data, forms, e := v.orgClaimSheet()
	if e != nil || which(forms) == nil {
		return err
	}
	form := which(forms)
	fault(form, err)
	form.Error = linesOf(err, form.Error)
	return v.again(err, "sheet", data)
}
