package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

// orgForm edits an organization; class, listing and state only for those who
// decide them.
func (v *visit) orgForm(o orgs.Org) *look.Form {
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the organization", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: orgPath(o.ID)},
		Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(o.Version, 10)}}}
	f.Fields = []look.Field{{Name: "name", Label: "Name", Value: o.Name, Max: 200, Auto: "off"}}
	if charter.Administers(v.Actor) {
		class := look.Field{Kind: look.Select, Name: "class", Label: "Class", Hint: "Audiences can shut classes out."}
		for _, c := range orgs.Classes {
			class.Options = append(class.Options, look.Option{Value: string(c), Label: classWords[c], On: c == o.Class})
		}
		f.Fields = append(f.Fields, class, look.Field{Kind: look.CheckBox, Name: "listed", Label: "Member of the alliance", Hint: "Members stand in the directory; others are merely known, for invitations to single cases.", On: o.Listed})
		if o.ID != "" {
			state := look.Field{Kind: look.Select, Name: "state", Label: "State", Hint: "The people of a suspended organization see nothing through it, from the next request on."}
			for _, s := range []orgs.State{orgs.Active, orgs.Suspended} {
				state.Options = append(state.Options, look.Option{Value: string(s), Label: string(s), On: s == o.State})
			}
			f.Fields = append(f.Fields, state)
		}
	}
	f.Fields = append(f.Fields,
		look.Field{Kind: "url", Name: "website", Label: "Website", Value: o.Website, Optional: true},
		look.Field{Kind: "email", Name: "email", Label: "Contact address", Hint: "Of the team that answers, such as psirt@vendor.example.", Value: o.Email, Optional: true},
		look.Field{Kind: look.Area, Name: "domains", Label: "Domains", Hint: "One a line.", Value: strings.Join(o.Domains, "\n"), Optional: true, Rows: 3, Code: true},
		look.Field{Kind: look.Area, Name: "pgp_key", Label: "OpenPGP public key", Hint: "Armored.", Value: o.PGPKey, Optional: true, Rows: 6, Code: true})
	if o.ID == "" {
		f.Button.Label, f.Cancel, f.Hidden = "Add the organization", &look.Link{Label: "Not now", Href: "/alliance"}, nil
	}
	return f
}

// orgInput lays the posted fields over old; those that the visitor has no
// field for stay.
func (v *visit) orgInput(old orgs.Org) orgs.Org {
	in := old
	in.Name, in.Website, in.Email, in.Domains, in.PGPKey = v.form("name"), v.form("website"), v.form("email"), lines(v.form("domains")), v.form("pgp_key")
	if charter.Administers(v.Actor) {
		in.Class, in.Listed = orgs.Class(v.form("class")), v.form("listed") != ""
		if old.ID != "" {
			in.State = orgs.State(v.form("state"))
		}
	}
	return in
}

func (v *visit) newOrgSheet(o orgs.Org) sheet {
	f := v.allianceFrame("/alliance")
	f.Head = look.RecordHead{Title: "Add an organization", Crumbs: []look.Link{{Label: "Alliance", Href: "/alliance"}, {Label: "Add an organization"}}}
	return formSheet(f, *v.orgForm(o))
}

func (v *visit) newOrg() error {
	if err := v.administers("add organizations"); err != nil {
		return err
	}
	return v.show("sheet", v.newOrgSheet(orgs.Org{Class: orgs.Vendor, Listed: true}))
}

func (v *visit) createOrg() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.administers("add organizations"); err != nil {
		return err
	}
	in := v.orgInput(orgs.Org{})
	var made orgs.Org
	err := v.write(func(tx *db.Tx) (err error) {
		made, err = orgs.Create(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next(orgPath(made.ID), "The organization is added. Invite its people now.")
	}
	data := v.newOrgSheet(in)
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// loadRun sees an organization that the visitor runs.
func (v *visit) loadRun() (o orgs.Org, err error) {
	err = v.read(func(tx *db.Tx) error {
		if o, err = orgs.Get(tx, v.Actor, v.path("org")); err != nil {
			return err
		}
		runs, err := orgs.Runs(tx, v.Actor, o.ID)
		if err == nil && !runs {
			err = notYours
		}
		return err
	})
	return o, err
}

func (v *visit) editOrg() error {
	o, err := v.loadRun()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.orgFrame(o, "Edit"), *v.orgForm(o)))
}

func (v *visit) saveOrg() error {
	if err := v.parse(); err != nil {
		return err
	}
	o, err := v.loadRun()
	if err != nil {
		return err
	}
	in := v.orgInput(o)
	if in.Version, err = v.version(); err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := orgs.Edit(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next(orgPath(o.ID), "The organization is saved.")
	}
	data := formSheet(v.orgFrame(o, "Edit"), *v.orgForm(in))
	form := data.Parts[0].Form
	if theirs, ok := stale[orgs.Org](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs is below.")}
		data.Parts = append([]part{{Title: "Theirs", Facts: theirOrg(theirs)}}, data.Parts...)
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}

func theirOrg(o orgs.Org) *look.Facts {
	return &look.Facts{Items: []look.Fact{{Term: "Name", Text: o.Name}, {Term: "Class", Text: classWords[o.Class]}, {Term: "State", Text: string(o.State)}, {Term: "Website", Text: o.Website}, {Term: "Contact", Text: o.Email},
		{Term: "Domains", Text: strings.Join(o.Domains, ", ")}, {Term: "OpenPGP key", Text: short(o.PGPKey, 200), Code: true}}}
}
