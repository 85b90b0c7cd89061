package archive

import (
	"strings"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/certcc"
	"tocsin/spec/prose"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// putCase writes one case with its vendors and says what changed.
func putCase(tx *db.Tx, name string, rec *certcc.Record) (tally, error) {
	var n tally
	c, release := draftCase(name, rec, &n)
	old, found, err := casework.ByOrigin(tx, c.Origin)
	if err != nil {
		return n, err
	}
	changed := false
	if found {
		c.ID, c.Audience, c.Team, c.OpenedAt = old.ID, old.Audience, old.Team, old.OpenedAt
		changed, err = casework.UpdateImported(tx, old, c)
	} else {
		c.ID = id.New("case", tx.Now)
		err = newAudience(tx, &c)
		if err == nil {
			err = casework.InsertImported(tx, &c)
		}
	}
	if err != nil {
		return n, err
	}
	n.note(found, changed)
	binds := []ledger.Bound{c.Bound()}
	v, more, err := putVulnerability(tx, c, rec, found)
	if err != nil {
		return n, err
	}
	changed = changed || len(more) > 0
	binds = append(binds, more...)
	more, err = putVendors(tx, c, v, rec, release, &n)
	if err != nil {
		return n, err
	}
	binds = append(binds, more...)
	if found && !changed && len(more) == 0 {
		return n, nil
	}
	ledger.Append(tx, ledger.Event{Kind: casework.CaseImported, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: c.Ref(),
		Data: map[string]any{"number": c.Number, "from": "CERT/CC Vulnerability Data Archive", "vendors": len(rec.Vendors)}, Binds: binds})
	return n, search.Put(tx, search.Doc{Kind: "case", ObjectID: c.ID, Scope: c.ID, Audience: c.Audience, Level: c.Level, Release: c.Release,
		Title: c.Number + " " + c.Title, Body: strings.Join(rec.Case.CVEs, " ") + "\n" + prose.Plain(c.Summary), URL: casework.Path(c.Number), At: c.UpdatedAt})
}

func newAudience(tx *db.Tx, c *casework.Case) (err error) {
	c.Audience, err = audience.Create(tx, "case", []audience.Grant{{Kind: audience.Office, ID: casework.CoordinatorOffice, Role: audience.Coordinator, Reason: "imported"}}, nil, nil)
	c.Team = c.Audience
	return err
}

// draftCase says how an archived case stands as a case of ours: closed,
// public since its publication.
func draftCase(name string, rec *certcc.Record, n *tally) (casework.Case, time.Time) {
	a := rec.Case
	release := a.Published()
	if release.IsZero() {
		release = firstOf(a.Updated, a.Created, time.Unix(0, 0).UTC().Add(time.Microsecond))
		n.dirty = append(n.dirty, certcc.Dirty{Line: rec.Line, At: name, Kind: certcc.Missing, Field: "DateFirstPublished", Value: "",
			Made: "No date of publication; " + release.UTC().Format(time.RFC3339) + ", the next best date of the record, is taken."})
	}
	opened := firstOf(a.Created, release)
	title := strings.TrimSpace(a.Title)
	if title == "" {
		title = name
	}
	return casework.Case{Number: name, Title: title, Summary: summary(a), Level: tlp.Clear, Release: release, State: casework.Closed, Public: "Pxa", Embargo: "none",
		Origin: "certcc:" + name, OpenedAt: opened, UpdatedAt: firstOf(a.Updated, release), ClosedAt: release, CloseReason: "Imported from the CERT/CC Vulnerability Data Archive"}, release
}

func firstOf(list ...time.Time) time.Time {
	for _, t := range list {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// summary joins the archive's text sections under their names, as Markdown.
func summary(a certcc.Case) string {
	var b strings.Builder
	for _, s := range []struct{ head, text string }{{"Overview", a.Overview}, {"Description", a.Description}, {"Impact", a.Impact}, {"Solution", a.Resolution},
		{"Workarounds", a.Workarounds}, {"Systems affected", a.SystemsAffected}, {"Thanks", a.Thanks}} {
		if s.text != "" {
			b.WriteString("## " + s.head + "\n\n" + s.text + "\n\n")
		}
	}
	return strings.TrimSpace(b.String())
}

// putVulnerability keeps the case's one column: the archive gives each vendor
// one status for the whole case, so several CVE ids stay one vulnerability
// that names them all.
func putVulnerability(tx *db.Tx, c casework.Case, rec *certcc.Record, found bool) (matrix.Vulnerability, []ledger.Bound, error) {
	v := matrix.Vulnerability{Case: c.ID, Audience: c.Audience, Level: c.Level, Release: c.Release, Order: 1, Label: "V1", Title: c.Title, Version: 1, UpdatedAt: c.UpdatedAt, References: []string{}, Credits: []string{}}
	if len(rec.Case.CVEs) == 1 {
		v.CVE = rec.Case.CVEs[0]
	} else if len(rec.Case.CVEs) > 1 {
		v.Description = "This column stands for " + strings.Join(rec.Case.CVEs, ", ") + "."
	}
	for _, r := range rec.Case.References {
		if r.URL != "" && len(v.References) < 100 {
			v.References = append(v.References, r.URL)
		}
	}
	if found {
		old, ok, err := matrix.FirstOf(tx, c.ID)
		if err != nil {
			return v, nil, err
		}
		if ok {
			v.ID = old.ID
			changed, err := matrix.UpdateImported(tx, old, v)
			if !changed {
				return v, nil, err
			}
			return v, []ledger.Bound{matrix.VulnerabilityBound(v.ID)}, err
		}
	}
	v.ID = id.New("vul", tx.Now)
	return v, []ledger.Bound{matrix.VulnerabilityBound(v.ID)}, matrix.Insert(tx, v)
}

// putVendors writes one participant for each vendor record, and its status
// where it has said something.
func putVendors(tx *db.Tx, c casework.Case, v matrix.Vulnerability, rec *certcc.Record, release time.Time, n *tally) ([]ledger.Bound, error) {
	parties, err := casework.ByOriginIn(tx, c.ID)
	if err != nil {
		return nil, err
	}
	cells, err := matrix.CellsOf(tx, v.ID)
	if err != nil {
		return nil, err
	}
	var binds []ledger.Bound
	for _, w := range rec.Vendors {
		p, err := draftParty(tx, c, w, release)
		if err != nil {
			return nil, err
		}
		old, found := parties[p.Origin]
		changed := false
		if found {
			p.ID = old.ID
			changed, err = casework.UpdateImportedParty(tx, old, p)
		} else {
			p.ID = id.New("par", tx.Now)
			err = casework.InsertImportedParty(tx, p)
		}
		if err != nil {
			return nil, err
		}
		said, bound, err := putStatus(tx, c, v, p, w, cells[p.ID])
		if err != nil {
			return nil, err
		}
		if !found || changed {
			binds = append(binds, p.Bound())
		}
		if said {
			binds = append(binds, bound)
		}
		n.note(found, changed || said)
	}
	return binds, nil
}

func draftParty(tx *db.Tx, c casework.Case, w certcc.Vendor, release time.Time) (casework.Participant, error) {
	name := strings.TrimSpace(w.Name)
	if name == "" {
		name = "Unnamed vendor"
	}
	o, _, err := orgs.Ensure(tx, name)
	if err != nil {
		return casework.Participant{}, err
	}
	// The case is public, so every vendor is aware.
	return casework.Participant{Case: c.ID, Role: casework.Vendor, Kind: audience.Org, Subject: o.ID, Name: name, Audience: c.Audience, Private: c.Team, Own: c.Team, Level: c.Level, Release: release,
		Report: "received", Consent: "no_embargo", Progress: "Vfd", InvitedAt: w.Notified, RepliedAt: w.Responded, SeenAt: w.Responded, Origin: w.Key, Version: 1, UpdatedAt: firstOf(w.Updated, c.UpdatedAt)}, nil
}

// putStatus writes what the vendor said; said is false when nothing changed.
// An unknown status with a statement is kept as seen: the vendor was heard.
func putStatus(tx *db.Tx, c casework.Case, v matrix.Vulnerability, p casework.Participant, w certcc.Vendor, old matrix.Status) (said bool, b ledger.Bound, err error) {
	statement := vendorText(w)
	status := map[certcc.Status]vex.Status{certcc.Affected: vex.Affected, certcc.NotAffected: vex.NotAffected}[w.Status]
	if status == "" {
		if statement == "" {
			return false, b, nil
		}
		status = vex.Seen
	}
	s := matrix.Status{ID: old.ID, Case: c.ID, Participant: p.ID, Vulnerability: v.ID, Audience: c.Audience, Level: c.Level, Release: c.Release, Status: status, Statement: statement,
		Affected: []string{}, Fixed: []string{}, OnBehalf: w.Silent(), Version: 1, ChangedAt: firstOf(w.Updated, w.Responded, c.UpdatedAt)}
	if old.ID == "" {
		s.ID = id.New("sta", tx.Now)
		return true, matrix.StatusBound(s.ID), matrix.InsertStatus(tx, s)
	}
	changed, err := matrix.UpdateImportedStatus(tx, old, s)
	return changed, matrix.StatusBound(s.ID), err
}

// vendorText is what the vendor said, and what CERT/CC added to it, told
// apart by headings.
func vendorText(w certcc.Vendor) string {
	var parts []string
	if !w.Silent() {
		parts = append(parts, strings.TrimSpace(w.Statement))
	}
	if s := strings.TrimSpace(w.Information); s != "" {
		parts = append(parts, "**Vendor information:** "+s)
	}
	if s := strings.TrimSpace(w.Addendum); s != "" {
		parts = append(parts, "**CERT/CC addendum:** "+s)
	}
	return strings.Join(parts, "\n\n")
}
