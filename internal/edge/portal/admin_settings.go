package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func days(name, label, hint string, n int) look.Field {
	return look.Field{Kind: "number", Name: name, Label: label, Hint: hint, Value: strconv.Itoa(n), Short: true}
}

func settingsForm(c charter.Charter) *look.Form {
	return &look.Form{Action: "/admin/settings", Button: look.Button{Label: "Save the settings", Kind: look.Primary}, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}},
		Groups: []look.FieldGroup{
			{Title: "The alliance", Fields: []look.Field{
				{Name: "name", Label: "Name", Value: c.Name, Max: 120},
				{Kind: "url", Name: "namespace", Label: "Namespace", Hint: "The CSAF publisher's namespace. Readers know the publisher by it; change it only if it was wrong.", Value: c.Namespace},
				{Kind: "email", Name: "email", Label: "Contact address", Value: c.Email},
				{Kind: "url", Name: "url", Label: "Address of this server", Hint: "Links in mails begin with it.", Value: c.URL},
				{Name: "country", Label: "Country", Hint: "Two letters.", Value: c.Country, Optional: true, Short: true, Max: 2},
				{Name: "time_zone", Label: "Time zone", Hint: "In which visitors see instants beside UTC, such as Europe/Zurich.", Value: c.TimeZone, Short: true, Max: 60}}},
			{Title: "Limits, in days", Fields: []look.Field{
				days("embargo_default_days", "Embargo proposed when nobody says another", "", c.EmbargoDefaultDays),
				days("embargo_max_days", "Longest embargo that can be proposed", "", c.EmbargoMaxDays),
				days("proposal_days", "An unopposed proposal passes after", "", c.ProposalDays),
				days("invitation_days", "An invited party is asked again after, and then its backup", "", c.InvitationDays)}},
			{Title: "Texts, in Markdown", Fields: []look.Field{
				{Kind: look.Area, Name: "default_policy", Label: "Default policy", Hint: "Once published it counts as a proposal. Empty: none.", Value: c.DefaultPolicy, Optional: true, Rows: 8, Max: 20000},
				{Kind: look.Area, Name: "case_terms", Label: "Terms of a case", Hint: "What a party accepts before it sees a case. A new text counts for those who are invited from then on.", Value: c.CaseTerms, Rows: 12, Max: 20000},
				{Kind: look.Area, Name: "report_scope", Label: "What the report page says it takes", Value: c.ReportScope, Optional: true, Rows: 6, Max: 20000}}}}}
}

func (v *visit) loadCharter() (c charter.Charter, err error) {
	err = v.read(func(tx *db.Tx) error {
		c, err = charter.Load(tx)
		return err
	})
	return c, err
}

func (v *visit) settingsPage() error {
	c, err := v.loadCharter()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.adminFrame("/admin/settings"), *settingsForm(c)))
}

// settingsInput reads the form; what is not a number of days is named.
func (v *visit) settingsInput(c charter.Charter) (charter.Charter, error) {
	c.Name, c.Namespace, c.Email, c.URL, c.Country, c.TimeZone = v.form("name"), v.form("namespace"), v.form("email"), v.form("url"), v.form("country"), v.form("time_zone")
	c.DefaultPolicy, c.CaseTerms, c.ReportScope = v.form("default_policy"), v.form("case_terms"), v.form("report_scope")
	var bad []errs.Field
	for name, n := range map[string]*int{"embargo_default_days": &c.EmbargoDefaultDays, "embargo_max_days": &c.EmbargoMaxDays, "proposal_days": &c.ProposalDays, "invitation_days": &c.InvitationDays} {
		var err error
		if *n, err = strconv.Atoi(strings.TrimSpace(v.form(name))); err != nil {
			bad = append(bad, errs.Field{Name: name, Reason: "Give a number of days."})
		}
	}
	return c, errs.Join(bad)
}

func (v *visit) saveSettings() error {
	if err := v.parse(); err != nil {
		return err
	}
	old, err := v.loadCharter()
	if err != nil {
		return err
	}
	in, err := v.settingsInput(old)
	if err == nil {
		in.Version, err = v.version()
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := charter.Update(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next("/admin/settings", "The settings are saved.")
	}
	data := formSheet(v.adminFrame("/admin/settings"), *settingsForm(in))
	form := data.Parts[0].Form
	if theirs, ok := stale[charter.Charter](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs is below.")}
		data.Parts = append([]part{{Title: "Theirs", Facts: theirSettings(theirs, in)}}, data.Parts...)
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}

// theirSettings are the fields in which what was saved meanwhile differs.
func theirSettings(theirs, yours charter.Charter) *look.Facts {
	f := &look.Facts{}
	a, b := settingsForm(theirs), settingsForm(yours)
	for i := range a.Groups {
		for j, field := range a.Groups[i].Fields {
			if field.Value != b.Groups[i].Fields[j].Value {
				f.Items = append(f.Items, look.Fact{Term: field.Label, Text: named(short(field.Value, 2000), "(empty)")})
			}
		}
	}
	return f
}
