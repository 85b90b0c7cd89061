package archive

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
)

// gather writes the parts one after the other. Every one of them is read by
// the verb that its own page uses, so that the export can hold nothing that
// the actor could not have opened.
func (g *gathering) gather(tx *db.Tx, caseRef string) error {
	c, role, err := casework.Load(tx, g.actor, caseRef)
	if err != nil {
		return err
	}
	g.export.Case, g.now = c, tx.Now.UTC()
	if err := g.readme(c, role); err != nil {
		return err
	}
	for _, part := range []func(*db.Tx, casework.Case, audience.Role) error{g.theCase, g.matrix, g.talk, g.files, g.reports, g.advisories, g.events} {
		if err := part(tx, c, role); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) readme(c casework.Case, role audience.Role) error {
	w, err := g.zip.CreateHeader(&zip.FileHeader{Name: "README.txt", Method: zip.Deflate, Modified: g.now})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `%s

Case %s: %s
Exported %s, as seen by one %s of the case.

This copy is marked %s, and so is every part of it; a part
may carry a stricter marking of its own, in its member "tlp". Handle and
pass it on as that marking says (https://www.first.org/tlp/).

It holds what that person could see at that instant, and nothing else:
private threads of other parties, and parties that are hidden from them, are
not in it.

case.json           the case, its embargo, who knows of it
participants.json   the parties
matrix.json, .csv   vulnerabilities, products, statuses
threads.json        the threads; threads/ID.jsonl holds one message a line
files.json          the files handed over; files/ holds them as they came in
reports.json        the reports that the case came from, as far as that person
                    reads them: all for coordinators, their own for a finder.
                    reports/NUMBER.json holds the text, the messages and the
                    list of files; reports/NUMBER/ the files. A finder's
                    address in it is for the coordinators: pass it to nobody
advisories/         advisories in work and released, with all their texts
ledger/             events.jsonl: one event a line with its proof (RFC 6962)
                    checkpoint.txt: the signed head of the ledger
                    key.txt: the key that the head is signed with

A proof holds when "leaf" hashes up along "path" to the root that the
checkpoint signs, and the event shown is the one in the leaf. Compare key.txt
with the one that the alliance publishes.

%s
`, c.Level, c.Number, c.Title, g.now.Format("2006-01-02 15:04:05 UTC"), role, c.Level, c.Level)
	return err
}

func (g *gathering) theCase(tx *db.Tx, c casework.Case, role audience.Role) error {
	out := struct {
		casework.Case
		Role      string            `json:"your_role"`
		Exported  time.Time         `json:"exported_at"`
		Embargo   embargo.Timetable `json:"embargo"`
		Knows     casework.Circle   `json:"who_knows"`
		Decisions []casework.Choice `json:"decisions,omitempty"`
	}{Case: c, Role: role.String(), Exported: g.now}
	var err error
	if out.Embargo, err = embargo.Load(tx, g.actor, c.ID); err != nil {
		return err
	}
	if out.Knows, err = casework.WhoKnows(tx, g.actor, c.ID); err != nil {
		return err
	}
	if role >= audience.Coordinator {
		if out.Decisions, err = casework.Decisions(tx, g.actor, c.ID); err != nil {
			return err
		}
	}
	if err := g.put("case.json", out); err != nil {
		return err
	}
	parties, err := casework.Participants(tx, g.actor, c.ID)
	if err != nil {
		return err
	}
	return g.put("participants.json", parties)
}

func (g *gathering) matrix(tx *db.Tx, c casework.Case, _ audience.Role) error {
	b, err := matrix.Load(tx, g.actor, c.ID)
	if err != nil {
		return err
	}
	if err := g.put("matrix.json", b); err != nil {
		return err
	}
	w, err := g.zip.CreateHeader(&zip.FileHeader{Name: "matrix.csv", Method: zip.Deflate, Modified: g.now})
	if err != nil {
		return err
	}
	return matrix.WriteCSV(w, c.Level, b)
}

// exportedMessage is a message with its earlier wordings.
type exportedMessage struct {
	talk.Message
	Earlier []talk.Wording `json:"wordings,omitempty"`
}

func (g *gathering) talk(tx *db.Tx, c casework.Case, _ audience.Role) error {
	threads, err := talk.Threads(tx, g.actor, c.ID)
	if err != nil {
		return err
	}
	if err := g.put("threads.json", threads); err != nil {
		return err
	}
	for _, t := range threads {
		if t.Last == nil {
			continue
		}
		if err := g.thread(tx, t); err != nil {
			return err
		}
	}
	return nil
}

// thread writes a thread from its first message on.
func (g *gathering) thread(tx *db.Tx, t talk.Thread) error {
	w, err := g.lines("threads/" + t.ID + ".jsonl")
	if err != nil {
		return err
	}
	p, err := talk.List(tx, g.actor, t.ID, talk.Paging{Limit: 200})
	for err == nil && p.Older != "" {
		p, err = talk.List(tx, g.actor, t.ID, talk.Paging{Before: p.Older, Limit: 200})
	}
	for err == nil {
		if g.messages += len(p.Messages); g.messages > maxExportMessages {
			return errs.New(errs.TooLarge, "The case holds more than %d messages; an export takes no more.", maxExportMessages)
		}
		for _, m := range p.Messages {
			out := exportedMessage{Message: m}
			if !m.EditedAt.IsZero() && m.Retracted == nil {
				if out.Earlier, err = talk.History(tx, g.actor, m.ID); err != nil {
					return err
				}
			}
			if err := w.Encode(out); err != nil {
				return err
			}
		}
		if p.Newer == "" {
			return nil
		}
		p, err = talk.List(tx, g.actor, t.ID, talk.Paging{After: p.Newer, Limit: 200})
	}
	return err
}

// files lists the files; their contents are written after all else.
func (g *gathering) files(tx *db.Tx, c casework.Case, _ audience.Role) error {
	var all []talk.File
	for before := ""; ; {
		list, err := talk.Files(tx, g.actor, c.ID, before)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		all = append(all, list...)
		before = list[len(list)-1].ID
		if len(all) > maxExportFiles {
			return errs.New(errs.TooLarge, "The case holds more than %d files; an export takes no more.", maxExportFiles)
		}
	}
	type listed struct {
		talk.File
		Path string `json:"path"` // in this export
	}
	out := []listed{}
	for _, f := range all {
		path, err := g.attach("files", f.Name, f.SHA256, f.AddedAt)
		if err != nil {
			return err
		}
		out = append(out, listed{f, path})
	}
	return g.put("files.json", out)
}

func (g *gathering) advisories(tx *db.Tx, c casework.Case, _ audience.Role) error {
	list, err := advisory.OfCase(tx, g.actor, c.ID)
	if err != nil {
		return err
	}
	for _, v := range list {
		out := struct {
			advisory.Advisory
			Versions []advisory.Version `json:"versions"`
			Comments []advisory.Comment `json:"comments"`
		}{Advisory: v}
		if out.Versions, err = advisory.Versions(tx, g.actor, v.ID); err != nil {
			return err
		}
		if out.Comments, err = advisory.Comments(tx, g.actor, v.ID); err != nil {
			return err
		}
		if err := g.put("advisories/"+v.Number+".json", out); err != nil {
			return err
		}
		if err := g.released(tx, v); err != nil {
			return err
		}
	}
	return nil
}

// released puts the revisions that are out beside the texts, as they were
// signed.
func (g *gathering) released(tx *db.Tx, v advisory.Advisory) error {
	docs, err := advisory.History(tx, g.actor, v.Number)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range docs {
		body, err := advisory.Bytes(tx, d)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("advisories/%s/revision-%s.json", v.Number, d.Revision)
		for _, f := range []struct {
			name string
			body []byte
		}{{name, body}, {name + ".asc", []byte(d.Signature)}} {
			w, err := g.zip.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: g.now})
			if err != nil {
				return err
			}
			if _, err := w.Write(f.body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *gathering) events(tx *db.Tx, c casework.Case, _ audience.Role) error {
	for name, text := range map[string]string{"ledger/checkpoint.txt": g.signed, "ledger/key.txt": g.keeper.PublicKey() + "\n"} {
		w, err := g.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: g.now})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	w, err := g.lines("ledger/events.jsonl")
	if err != nil {
		return err
	}
	return g.keeper.Evidence(tx, g.actor, c.ID, g.signed, func(p ledger.Proof) error { return w.Encode(p) })
}

// markedName is a marking as the beginning of a file's name.
func markedName(marking string) string { return strings.ReplaceAll(marking, ":", "-") }
