package portal

import (
	"io"
	"net/http"
	"net/url"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/report"
)

// finderDeed runs one verb of the finder's. What is refused comes back with
// what was typed.
func (v *visit) finderDeed(done string, f func(tx *db.Tx, ref string) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	return v.finderDone(done, f)
}

func (v *visit) finderDone(done string, f func(tx *db.Tx, ref string) error) error {
	d := v.finderDesk()
	err := v.countLink()
	if err == nil {
		err = v.write(func(tx *db.Tx) error { return f(tx, d.ref) })
	}
	if err != nil {
		return v.refusedFinder(err)
	}
	return v.next(d.page, done)
}

// countLink bounds what comes through a link; accounts have their own limits.
func (v *visit) countLink() error {
	if v.Actor.Link == "" {
		return nil
	}
	return v.countFinder()
}

// refusedFinder shows the page again with the refused form filled as it was.
func (v *visit) refusedFinder(err error) error {
	data, e := v.finderPage()
	if e != nil {
		return err
	}
	forms := []*look.Form{&data.Write, &data.Credit}
	for i := range data.Ask {
		forms = append(forms, &data.Ask[i].Form)
	}
	for _, f := range forms {
		if f.Action == v.r.URL.Path {
			v.refill(f.Fields)
			fault(f, err)
			return v.again(err, "finder", data)
		}
	}
	data.Retry = v.retry(data.Actions, err)
	if data.Retry == nil {
		return err
	}
	return v.again(err, "finder", data)
}

// refill puts back what was typed.
func (v *visit) refill(fields []look.Field) {
	for i := range fields {
		f := &fields[i]
		switch f.Kind {
		case look.CheckBox:
			f.On = v.form(f.Name) != ""
		case look.Radio, look.CheckBoxes, look.Select:
			sent := v.r.PostForm[f.Name]
			for k := range f.Options {
				f.Options[k].On = false
				for _, s := range sent {
					f.Options[k].On = f.Options[k].On || s == f.Options[k].Value
				}
			}
		case look.DateTime:
			f.Value, f.Zone = v.form(f.Name), v.form(f.Name+"_zone")
		default:
			f.Value = v.form(f.Name)
		}
	}
}

// retry finds the question whose answer was refused, to ask it again in the
// page itself with what was typed and why it was refused.
func (v *visit) retry(list []look.Popup, err error) *look.Confirm {
	for _, p := range list {
		if p.Confirm.Action != v.r.URL.Path || !sameHidden(v.r.PostForm, p.Confirm.Hidden) {
			continue
		}
		c := p.Confirm
		v.refill(c.Fields)
		f := look.Form{Fields: c.Fields}
		fault(&f, err)
		c.Error = f.Error
		c.ID += "-again"
		for i := range c.Fields {
			if c.Fields[i].Name == c.TypeName() && c.Error == "" {
				c.Error = c.Fields[i].Error
			}
		}
		if c.Error == "" && len(f.Failed()) == 0 {
			c.Error = err.Error()
		}
		return &c
	}
	return nil
}

// sameHidden tells questions apart that post to one address; a version is not
// what tells them apart.
func sameHidden(sent url.Values, hidden []look.Hidden) bool {
	for _, h := range hidden {
		if h.Name != "version" && sent.Get(h.Name) != h.Value {
			return false
		}
	}
	return true
}

// seenVersion is the version that a form was made from.
func (v *visit) seenVersion() (int64, error) {
	n, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil || n < 1 {
		return 0, errs.New(errs.Malformed, "The form lost its version; open the page again.")
	}
	return n, nil
}

// finderSays adds text, files, or both.
func (v *visit) finderSays() error {
	_, files, err := v.takeUpload(func(url.Values) error { return nil })
	if err != nil {
		return v.refusedFinder(err)
	}
	toReport := v.form("to") == "report"
	return v.finderDone("It has arrived.", func(tx *db.Tx, ref string) error {
		if v.form("text") != "" || len(files) == 0 {
			if _, err := v.reports().Add(tx, v.Actor, ref, v.form("text"), toReport); err != nil {
				return err
			}
		}
		if len(files) == 0 {
			return nil
		}
		return report.Attach(tx, v.Actor, ref, files, toReport)
	})
}

func (v *visit) finderAnswers() error {
	return v.finderDeed("Your answer has arrived.", func(tx *db.Tx, ref string) error {
		_, err := v.reports().Reply(tx, v.Actor, ref, v.path("question"), v.form("text"))
		return err
	})
}

func (v *visit) finderCredit() error {
	return v.finderDeed("Saved.", func(tx *db.Tx, ref string) error {
		version, err := v.seenVersion()
		if err != nil {
			return err
		}
		_, err = v.reports().SetCredit(tx, v.Actor, ref, v.form("credit"), v.form("anonymous") != "", version)
		return err
	})
}

func (v *visit) finderWithdraws() error {
	return v.finderDeed("Your report is withdrawn.", func(tx *db.Tx, ref string) error {
		_, err := v.reports().Withdraw(tx, v.Actor, ref, v.form("reason"))
		return err
	})
}

// finderRelinks replaces the link and shows the new one, once.
func (v *visit) finderRelinks() error {
	if err := v.parse(); err != nil {
		return err
	}
	d := v.finderDesk()
	err := v.countLink()
	var receipt report.Receipt
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			receipt, err = report.Rotate(tx, v.Actor, d.ref)
			return err
		})
	}
	if err != nil {
		return v.refusedFinder(err)
	}
	return v.showReceipt(receipt, "Your new link")
}

// reportFile hands a file back; the browser saves it and never shows it.
func (v *visit) reportFile() error {
	var f report.File
	err := v.read(func(tx *db.Tx) (err error) {
		if f, err = report.LoadFile(tx, v.Actor, v.path("file")); err != nil {
			return err
		}
		r, _, err := report.Load(tx, v.Actor, f.Report)
		if err == nil && v.path("number") != "" && r.Number != v.path("number") {
			err = errs.Missing("file")
		}
		return err
	})
	if err != nil {
		return err
	}
	content, err := v.Blobs.Open(v.r.Context(), f.SHA256)
	if err != nil {
		return err
	}
	defer content.Close()
	download(v.w, f.Name)
	v.w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
	if _, err := io.Copy(v.w, content); err != nil {
		v.Log.Error("a file broke off", "pattern", v.r.Pattern, "err", err)
		panic(http.ErrAbortHandler) // a part must not pass for the whole
	}
	return nil
}
