package archive

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/report"
)

// exportedReport is a report with all that the actor reads of it.
type exportedReport struct {
	report.Report
	Side     report.Side          `json:"your_side"`
	Text     report.Text          `json:"text"`
	Messages []report.Message     `json:"messages"`
	Files    []exportedReportFile `json:"files"`
}

type exportedReportFile struct {
	report.File
	Path string `json:"path"` // in this export
}

// reports writes the reports that belong to the case and that the actor may
// open. For everybody but coordinators and finders the list is empty, whether
// or not there are any.
func (g *gathering) reports(tx *db.Tx, c casework.Case, _ audience.Role) error {
	list, err := report.OfCase(tx, g.actor, c.ID)
	if err != nil {
		return err
	}
	type listed struct {
		report.Report
		Path string `json:"path"` // in this export
	}
	index := []listed{}
	for _, r := range list {
		path := "reports/" + r.Number + ".json"
		out, err := g.report(tx, r.ID)
		if err != nil {
			return err
		}
		if err := g.put(path, out); err != nil {
			return err
		}
		index = append(index, listed{r, path})
	}
	return g.put("reports.json", index)
}

func (g *gathering) report(tx *db.Tx, reportID string) (out exportedReport, err error) {
	if out.Report, out.Text, err = g.desk.Read(tx, g.actor, reportID); err != nil {
		return out, err
	}
	if _, out.Side, err = report.Load(tx, g.actor, reportID); err != nil {
		return out, err
	}
	if out.Messages, err = g.desk.Messages(tx, g.actor, reportID); err != nil {
		return out, err
	}
	files, err := report.Files(tx, g.actor, reportID)
	if err != nil {
		return out, err
	}
	out.Files = []exportedReportFile{}
	for _, f := range files {
		path, err := g.attach("reports/"+out.Number, f.Name, f.SHA256, f.At)
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, exportedReportFile{f, path})
	}
	return out, nil
}

// lookedAtReports records that the texts are opened, as every door does that
// shows one.
func lookedAtReports(tx *db.Tx, a audience.Actor, caseID string) error {
	list, err := report.OfCase(tx, a, caseID)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := report.Looked(tx, a, r.ID); err != nil {
			return err
		}
	}
	return nil
}
