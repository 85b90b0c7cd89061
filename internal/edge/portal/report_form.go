package portal

import (
	"errors"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/response/report"
	"tocsin/spec/prose"
)

// reports is the desk that takes and follows reports.
func (v *visit) reports() report.Desk { return report.Desk{Sealer: v.Sealer, Box: v.Box} }

// origin is where the visitor's limits are counted: an address, or the
// network that one customer has in IPv6.
func (v *visit) origin() string {
	addr, err := netip.ParseAddr(gate.Address(v.r))
	if err != nil {
		return gate.Address(v.r)
	}
	if addr = addr.Unmap(); addr.Is6() {
		if net, err := addr.Prefix(64); err == nil {
			return net.String()
		}
	}
	return addr.String()
}

// reportTrap is a field that people do not see; machines fill it.
const reportTrap = "website"

type reportPage struct {
	look.Frame
	Form        look.Form
	Trap        string
	Scope       template.HTML
	Key         look.Code
	Fingerprint string
	KeyHref     string
}

// reportForm is the public page on which anybody reports what they found.
func (v *visit) reportForm() error {
	data, err := v.reportPage(url.Values{"key": {id.Secret()}})
	if err != nil {
		return err
	}
	return v.show("report", data)
}

// reportPage draws the form with what was typed before.
func (v *visit) reportPage(typed url.Values) (reportPage, error) {
	data := reportPage{Trap: reportTrap}
	err := v.read(func(tx *db.Tx) error {
		c, err := charter.Load(tx)
		if err != nil {
			return err
		}
		ring, err := charter.Ring(tx, v.Sealer)
		if err != nil {
			return err
		}
		public, err := ring.Current().Public()
		data.Fingerprint = ring.Current().Fingerprint()
		data.Key = look.Code{Label: "OpenPGP key of " + c.Name, Text: public}
		data.Scope = prose.HTML(c.ReportScope)
		return err
	})
	if err != nil {
		return data, err
	}
	data.KeyHref = "/report/openpgp.asc"
	data.Frame = v.frame("/report")
	data.Narrow = true
	data.Head = look.RecordHead{Title: "Report a vulnerability", Lede: "No account and no name are needed. You get a number and a secret link, by which you can follow, add and answer."}
	data.Form = reportFields(typed)
	data.Form.Hidden = []look.Hidden{{Name: "stamp", Value: v.reports().Stamp(v.now)}, {Name: "key", Value: typed.Get("key")}}
	return data, nil
}

func reportFields(typed url.Values) look.Form {
	get := typed.Get
	known := func(value report.Exploitation, label string) look.Option {
		return look.Option{Value: string(value), Label: label, On: get("exploitation") == string(value) || get("exploitation") == "" && value == report.NoneKnown}
	}
	return look.Form{Action: "/report", Button: look.Button{Label: "Send the report", Kind: look.Primary},
		Groups: []look.FieldGroup{
			{Title: "What", Fields: []look.Field{
				{Name: "title", Label: "Title", Hint: "A few words. It is kept in clear even where the text below is encrypted; with an encrypted text you may leave it empty.", Value: get("title"), Max: report.MaxTitle},
				{Kind: look.Area, Name: "description", Label: "What you found", Hint: "What is wrong, how to see it, what an attacker gains. Markdown, or an OpenPGP message.", Value: get("description"), Rows: 12}}},
			{Title: "Where", Hint: "One of product, component and package URL is enough.", Fields: []look.Field{
				{Name: "product", Label: "Product", Value: get("product"), Optional: true, Max: 200},
				{Name: "component", Label: "Component", Hint: "A library or part that several products share.", Value: get("component"), Optional: true, Max: 200},
				{Name: "purl", Label: "Package URL", Hint: "Such as pkg:npm/name@1.2.3.", Value: get("purl"), Optional: true, Max: 500, Code: true},
				{Name: "versions", Label: "Versions", Value: get("versions"), Optional: true, Max: 500}}},
			{Title: "What is known of it", Fields: []look.Field{
				{Kind: look.Area, Name: "how_found", Label: "How you found it", Value: get("how_found"), Optional: true, Rows: 4},
				{Kind: look.Radio, Name: "exploitation", Label: "Attacks", Options: []look.Option{known(report.NoneKnown, "None known"), known(report.Suspected, "Suspected"), known(report.Observed, "Observed")}},
				{Kind: look.Area, Name: "exploitation_details", Label: "What is known of attacks", Value: get("exploitation_details"), Optional: true, Rows: 3},
				{Kind: look.Area, Name: "references", Label: "References", Hint: "One address a line.", Value: get("references"), Optional: true, Rows: 3}}},
			{Title: "You", Fields: []look.Field{
				{Name: "credit", Label: "Name to be thanked by", Value: get("credit"), Optional: true, Max: 200},
				{Kind: look.CheckBox, Name: "anonymous", Label: "Do not name me", Hint: "Neither the vendors nor the advisory learn a name.", On: get("anonymous") != "", Optional: true},
				{Kind: "email", Name: "contact", Label: "Mail address", Hint: "Only the coordinators can see it. We write there that something waits for you, never what.", Value: get("contact"), Optional: true, Auto: "email"}}},
			{Title: "When", Fields: []look.Field{
				{Kind: look.DateTime, Name: "planned_at", Label: "You mean to publish at", Hint: "If you have a date in mind: the instant with its zone.", Value: get("planned_at"), Zone: get("planned_at_zone"), Optional: true}}},
			{Title: "Files", Fields: []look.Field{
				{Kind: look.Upload, Name: "files", Label: "Files", Hint: "Up to 20 files of 50 MB each. They are stored as they are and never opened by the server.", Multiple: true, Optional: true}}},
		}}
}

// reportTyped reads the form; an unreadable planned date is refused beside
// its field.
func reportTyped(form url.Values, files []report.Upload) (report.New, error) {
	get := func(name string) string { return strings.ReplaceAll(form.Get(name), "\r\n", "\n") }
	in := report.New{Title: get("title"), Description: get("description"), Product: get("product"), Component: get("component"), PURL: get("purl"), Versions: get("versions"), HowFound: get("how_found"),
		Exploitation: report.Exploitation(get("exploitation")), Attacks: get("exploitation_details"), References: lines(get("references")), Credit: get("credit"), Anonymous: get("anonymous") != "",
		Contact: get("contact"), Files: files, Key: get("key")}
	if get("planned_at") == "" {
		return in, nil
	}
	at, err := look.ParseDateTime(get("planned_at"), get("planned_at_zone"))
	if err != nil {
		return in, errs.Bad("planned_at", "%s", upper(err.Error()))
	}
	in.PlannedAt = at
	return in, nil
}

type receiptPage struct {
	look.Frame
	Secret  look.Secret
	Receipt report.Receipt
	Next    look.Button
}

// sendReport takes a filled form. What looks like a machine's, and what comes
// too often, is refused before a byte of its files is stored.
func (v *visit) sendReport() error {
	desk := v.reports()
	form, files, err := v.takeUpload(func(form url.Values) error {
		if why := desk.Spam(report.Form{Trap: form.Get(reportTrap), Stamp: form.Get("stamp")}, v.now); why != "" {
			return errs.New(errs.Invalid, "%s", why)
		}
		return v.write(func(tx *db.Tx) error { return desk.Allow(tx, v.origin()) })
	})
	var in report.New
	if err == nil {
		in, err = reportTyped(form, files)
	}
	var receipt report.Receipt
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			receipt, err = desk.Submit(tx, v.submitter(), in)
			return err
		})
	}
	if err != nil {
		return v.refusedReport(err, form)
	}
	return v.showReceipt(receipt, "Your report has arrived")
}

// refusedReport shows the form again with everything but the files, which a
// browser does not give back.
func (v *visit) refusedReport(err error, form url.Values) error {
	if errs.Is(err, errs.Conflict) {
		form.Set("key", id.Secret()) // a changed report under the old key is another one
	}
	if form.Get("key") == "" {
		form.Set("key", id.Secret())
	}
	data, e := v.reportPage(form)
	if e != nil {
		return errors.Join(err, e)
	}
	fault(&data.Form, err)
	if form.Has("files") {
		data.Form.Groups[len(data.Form.Groups)-1].Fields[0].Error = "Choose your files again; nothing was stored."
	}
	return v.again(err, "report", data)
}

// showReceipt shows number and link, this one time, in the answer itself, so
// that it does not depend on a cookie. Sending the same form again shows them
// again for a day.
func (v *visit) showReceipt(r report.Receipt, title string) error {
	data := receiptPage{Frame: v.frame(""), Receipt: r}
	data.Narrow = true
	data.Head = look.RecordHead{Marking: report.Level.String(), Kind: "report", Number: r.Number, Title: title, Lede: "Keep the link below: it is the only way to your report without an account."}
	data.Secret = look.Secret{Label: "Your secret link", Values: []string{v.URL + report.LinkPath(r.Secret)}, Warning: "It is shown once. Whoever has it reads your report and speaks for you. It holds for a year after you last used it."}
	data.Next = look.Button{Label: "Go to your report", Href: "/finder", Kind: look.Primary}
	if v.Actor.Person != "" {
		data.Next.Href = report.Path(r.Number)
		data.Head.Lede = "It also stands under your account. The link below opens it without signing in."
	} else {
		v.setFinder(r.Secret)
	}
	v.look.Page(v.w, v.r, http.StatusOK, "receipt", data)
	return nil
}

// openpgpKey is the key to which a report can be encrypted.
func (v *visit) openpgpKey() error {
	var public string
	err := v.read(func(tx *db.Tx) error {
		ring, err := charter.Ring(tx, v.Sealer)
		if err != nil {
			return err
		}
		public, err = ring.Current().Public()
		return err
	})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/pgp-keys")
	h.Set("Content-Disposition", `attachment; filename="alliance-openpgp.asc"`)
	h.Set("Cache-Control", "no-cache")
	_, err = v.w.Write([]byte(public))
	return err
}
