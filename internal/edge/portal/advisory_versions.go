package portal

import (
	"fmt"
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
)

type advisoryDiffPage struct {
	look.Frame
	Form look.Form
	Diff look.Diff
}

// advisoryVersions compares two versions of the text, line by line.
func (v *visit) advisoryVersions() error {
	var a advisoryView
	err := v.read(func(tx *db.Tx) (err error) {
		a, err = v.loadAdvisory(tx)
		return err
	})
	if err != nil {
		return err
	}
	to := a.versionNo(v.query("to"), a.Adv.Version)
	from := a.versionNo(v.query("from"), max(to-1, 1))
	was, is := a.version(from), a.version(to)
	if was == nil || is == nil {
		return errs.Missing("version")
	}
	data := advisoryDiffPage{Frame: v.advisoryFrame(a, "Compare")}
	data.Diff = look.NewDiff(v.versionName(a, *was), v.versionName(a, *is), was.Content.Text(), is.Content.Text())
	pick := func(name, label string, chosen int64) look.Field {
		f := look.Field{Kind: look.Select, Name: name, Label: label}
		for _, x := range a.Versions[:min(len(a.Versions), 100)] {
			f.Options = append(f.Options, look.Option{Value: fmt.Sprint(x.Number), Label: v.versionName(a, x), On: x.Number == chosen})
		}
		return f
	}
	data.Form = look.Form{Get: true, Action: a.path() + "/versions", Button: look.Button{Label: "Compare"}, Fields: []look.Field{pick("from", "From", from), pick("to", "To", to)}}
	return v.show("advisory-diff", data)
}

func (a advisoryView) versionNo(s string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	return otherwise
}

func (a advisoryView) version(n int64) *advisory.Version {
	for i := range a.Versions {
		if a.Versions[i].Number == n {
			return &a.Versions[i]
		}
	}
	return nil
}

func (v *visit) versionName(a advisoryView, x advisory.Version) string {
	return fmt.Sprintf("Version %d, %s, %s", x.Number, a.author(v, x.Author), look.UTC(x.At))
}

// loadPreview composes the document as it would be published now.
func (v *visit) loadPreview() (a advisoryView, doc *csaf.Document, findings []csaf.Finding, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if a, err = v.loadAdvisory(tx); err != nil {
			return err
		}
		if doc, findings, err = v.press().Preview(tx, v.Actor, a.Adv.ID); err == nil && doc == nil {
			err = errs.New(errs.Conflict, "The document cannot be made yet; see what the standard finds on the advisory's page.")
		}
		return err
	})
	return a, doc, findings, err
}

// advisoryPreview shows the page as it would be published.
func (v *visit) advisoryPreview() error {
	a, doc, findings, err := v.loadPreview()
	if err != nil {
		return err
	}
	d, err := advisory.Described(doc)
	if err != nil {
		return err
	}
	data := v.drawAdvisory(advisory.PageData{Document: d, CSAF: doc}, a.path()+"/preview")
	data.Frame = v.advisoryFrame(a, "Preview")
	data.Live = ""
	n := look.Notice{Tone: look.Info, Title: "Preview", Text: "So it would be published now, marked " + a.Adv.OutLevel.String() + ". It is not out.", Link: &look.Link{Label: "Download the CSAF document", Href: a.path() + "/preview.json"}}
	data.Notices = append(data.Notices, n)
	if bad := countErrors(findings); bad > 0 {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Bad, Title: "Not valid yet", Text: look.Plural(bad, "finding keeps", "findings keep") + " it from release.", Link: &look.Link{Label: "See them", Href: a.path() + "#findings"}})
	}
	data.Files = look.Facts{Title: "Files", Items: []look.Fact{{Term: "CSAF 2.0", Text: "as it would be now", Href: a.path() + "/preview.json"}, {Term: "Signature", Text: "made when it is scheduled"}}}
	return v.show("advisory", data)
}

func countErrors(list []csaf.Finding) (n int) {
	for _, f := range list {
		if f.Severity == csaf.Error {
			n++
		}
	}
	return n
}

// previewFile is the CSAF document as it would be published now. Its name
// leads with the marking of the draft, which it has until it is released.
func (v *visit) previewFile() error {
	a, doc, _, err := v.loadPreview()
	if err != nil {
		return err
	}
	body, err := csaf.Marshal(doc)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "The document cannot be written yet; see what the standard finds on the advisory's page.")
	}
	download(v.w, strings.ReplaceAll(a.Level.String(), ":", "-")+"_PREVIEW_"+csaf.FileName(a.Adv.Number))
	_, err = v.w.Write(body)
	return err
}
