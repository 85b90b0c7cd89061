package portal

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

// namedByBox is up to how many persons are chosen by ticking them; among more
// of them, names are typed.
const namedByBox = 40

// typed is what stands in the composer.
type typed struct {
	Body, Marking string
	Named         []string
	NamedText     string
	AskOf         string
	AskBy, Zone   string
	Key           string
	Kept          []talk.Upload
	Readers       int // whom a message for named persons would reach
	Err           error
}

// replyTo is the message that is answered, from the address or the form.
func (v *visit) replyTo() string {
	if v.r.Method == "POST" {
		return v.form("reply_to")
	}
	return v.query("reply")
}

// composer is the form at the thread's end, nil for whoever may only read.
func (v *visit) composer(t talkView, in typed) *look.Composer {
	if !t.Speaks {
		return nil
	}
	if in.Key == "" || errs.Is(in.Err, errs.Conflict) {
		in.Key = rand.Text()
	}
	if in.Marking == "" {
		in.Marking = t.Thread.Level.String()
	}
	c := &look.Composer{Action: t.path(), Value: in.Body, Files: true, Private: t.Thread.Closed, Draft: "talk-" + t.Thread.ID, Send: "Send", More: "Ask for an answer, name the readers of " + tlp.Red.String(),
		Hint: "Markdown. @Name calls somebody. Files up to 50 MB each.", Markings: markings(t, in.Marking), Hidden: []look.Hidden{{Name: "key", Value: in.Key}}}
	c.Reaches = reaches(t, in)
	if t.ReplyTo != nil {
		c.Reply = &look.Link{Label: lineOf(*t.ReplyTo), Href: "#" + t.ReplyTo.ID}
		c.Hidden = append(c.Hidden, look.Hidden{Name: "reply_to", Value: t.ReplyTo.ID})
	}
	for _, u := range in.Kept {
		if token := v.keepUpload(u); token != "" {
			c.Hidden = append(c.Hidden, look.Hidden{Name: "kept", Value: token})
			c.Kept = append(c.Kept, u.Name)
		}
	}
	c.Fields = composerFields(t, in, v.frameZone())
	c.Open = in.AskOf != "" || in.AskBy != "" || len(in.Named) > 0 || in.NamedText != ""
	if in.Err != nil {
		explain(c, in.Err)
	}
	return c
}

// explain writes a refusal beside the fields of the composer that it names,
// else above its text.
func explain(c *look.Composer, err error) {
	e := gate.Public(err)
	var rest []string
	for _, f := range e.Fields {
		if i := slices.IndexFunc(c.Fields, func(x look.Field) bool { return x.Name == f.Name }); i >= 0 {
			c.Fields[i].Error, c.Open = f.Reason, true
			continue
		}
		rest = append(rest, f.Reason)
	}
	if c.Error = strings.Join(rest, " "); c.Error == "" && len(e.Fields) == 0 {
		c.Error = e.Text
	}
	if c.Error == "" {
		c.Error = "Nothing was sent yet: see below."
	}
}

// choosable are the markings that the visitor may give a message here.
func choosable(t talkView) []tlp.Level {
	var out []tlp.Level
	for _, l := range tlp.Levels {
		if l == t.Thread.Level || l > t.Thread.Level || l > tlp.Clear && t.Role >= audience.Coordinator {
			out = append(out, l)
		}
	}
	return out
}

func markings(t talkView, chosen string) []look.Option {
	var out []look.Option
	for _, l := range choosable(t) {
		o := look.Option{Value: l.String(), Label: l.String(), On: l.String() == chosen}
		if l == tlp.Red {
			o.Label += ", named persons"
		}
		out = append(out, o)
	}
	return out
}

// reaches says for each marking who sees what is marked so: counted by the
// rule, but for TLP:RED in a thread of less, which only the persons named read.
func reaches(t talkView, in typed) []look.Reach {
	var out []look.Reach
	for _, l := range choosable(t) {
		n := t.Reaches[l]
		r := look.Reach{Marking: l.String(), People: n.People, Orgs: n.Orgs, Private: t.Thread.Closed}
		switch {
		case l == tlp.Red && t.Thread.Level < tlp.Red:
			r = look.Reach{Marking: l.String(), Named: true, People: in.Readers}
		case l == t.Thread.Level:
			r.Href, r.Names = t.path()+"/readers", readers(t)
		}
		out = append(out, r)
	}
	return out
}

func composerFields(t talkView, in typed, zone string) []look.Field {
	ask := look.Field{Kind: look.Select, Name: "ask_of", Label: "Ask for an answer of", Optional: true, Options: []look.Option{{Value: "", Label: "nobody", On: in.AskOf == ""}}}
	for _, k := range t.Known {
		if k.Kind == talk.ToParty || k.Kind == talk.ToTeam {
			ask.Options = append(ask.Options, look.Option{Value: k.ID, Label: k.Name, On: k.ID == in.AskOf})
		}
	}
	if in.Zone != "" {
		zone = in.Zone
	}
	by := look.Field{Kind: look.DateTime, Name: "ask_by", Label: "Answer by", Optional: true, Value: in.AskBy, Zone: zone}
	return []look.Field{ask, by, namedField(t, in)}
}

// namedField asks for the persons who alone read a message marked TLP:RED.
func namedField(t talkView, in typed) look.Field {
	f := look.Field{Kind: look.CheckBoxes, Name: "named", Label: "Read by", Optional: true, Hint: "For " + tlp.Red.String() + " only: nobody else, not even of the same organization, reads it."}
	for _, k := range t.Known {
		if k.Kind == talk.ToPerson || k.Kind == talk.ToLink {
			label := k.Name
			if k.Org != "" && k.Org != k.Name {
				label += ", " + k.Org
			}
			f.Options = append(f.Options, look.Option{Value: k.ID, Label: label, On: slices.Contains(in.Named, k.ID)})
		}
	}
	if len(f.Options) > namedByBox {
		f.Kind, f.Options, f.Value, f.Rows = look.Area, nil, in.NamedText, 3
		f.Hint += " One name a line, as the list of readers has it."
	}
	return f
}

// namedPersons are the ids of the persons whom the form names, by box or by
// line.
func namedPersons(t talkView, values []string) ([]string, error) {
	var out []string
	for _, value := range values {
		for _, line := range lines(value) {
			id := ""
			for _, k := range t.Known {
				if k.Kind != talk.ToPerson && k.Kind != talk.ToLink || k.ID != line && !strings.EqualFold(k.Name, line) && !strings.EqualFold(k.Name+", "+k.Org, line) {
					continue
				}
				if id != "" && id != k.ID {
					return nil, errs.Bad("named", "Two readers are called %q; add the party: “Name, Party”.", line)
				}
				id = k.ID
			}
			if id == "" {
				return nil, errs.Bad("named", "Nobody who reads this thread is known to you as %q.", line)
			}
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

// postMessage sends a message with its files. Whether the visitor may write is asked
// before a byte of a file is taken.
func (v *visit) postMessage() error {
	if err := v.read(func(tx *db.Tx) error { return v.maySpeak(tx) }); err != nil {
		return err
	}
	files, err := v.receive()
	in := typed{Body: v.form("body"), Marking: v.form("marking"), Named: v.r.PostForm["named"], NamedText: v.form("named"), AskOf: v.form("ask_of"), AskBy: v.form("ask_by"), Zone: v.form("ask_by_zone"), Key: v.form("key")}
	in.Kept = append(v.keptUploads(), files...)
	var m talk.Message
	if err == nil {
		m, err = v.send(in)
	}
	if err == nil {
		return v.next(threadPath(v.path("number"), v.path("thread"))+"?at="+m.ID+"#"+m.ID, "The message is sent.")
	}
	var t talkView
	if e := v.read(func(tx *db.Tx) (err error) { t, err = v.readThread(tx); return err }); e != nil || !t.Speaks {
		return err
	}
	in.Err, in.Readers = err, v.countNamed(t, in)
	return v.again(err, "talk", v.talkPage(t, v.composer(t, in)))
}

// countNamed is whom a message for the persons named reaches; 0 where none is
// named, or not clearly.
func (v *visit) countNamed(t talkView, in typed) int {
	named, err := namedPersons(t, in.Named)
	if err != nil || len(named) == 0 {
		return 0
	}
	var n audience.Count
	if err := v.read(func(tx *db.Tx) (err error) {
		n, err = talk.CountReach(tx, v.Actor, t.Thread.ID, tlp.Red, named)
		return err
	}); err != nil {
		return 0
	}
	return n.People
}

func (v *visit) maySpeak(tx *db.Tx) error {
	t, err := v.loadThread(tx)
	switch {
	case err != nil:
		return err
	case t.State != "open":
		return errs.New(errs.Conflict, "The case %s is %s; reopen it first.", t.Number, t.State)
	case !t.Speaks:
		return errs.New(errs.Denied, "You may read this thread, but not write in it.")
	}
	return nil
}

func (v *visit) send(in typed) (m talk.Message, err error) {
	d := talk.Draft{Body: in.Body, ReplyTo: v.form("reply_to"), AskOf: in.AskOf, Files: in.Kept, Key: in.Key}
	if d.Level, err = tlp.Parse(in.Marking); err != nil {
		return m, errs.Bad("marking", "Choose a marking.")
	}
	if in.AskBy != "" {
		if d.AskBy, err = look.ParseDateTime(in.AskBy, in.Zone); err != nil {
			return m, errs.Bad("ask_by", "%s.", err)
		}
	}
	err = v.write(func(tx *db.Tx) error {
		t, err := v.loadThread(tx)
		if err != nil {
			return err
		}
		if d.Level == tlp.Red && t.Thread.Level < tlp.Red && len(lines(strings.Join(in.Named, "\n"))) == 0 {
			return errs.Bad("named", "Name who shall read it: %s is for named persons.", tlp.Red)
		}
		if len(in.Named) > 0 {
			if t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID); err != nil {
				return err
			}
			if d.Named, err = namedPersons(t, in.Named); err != nil {
				return err
			}
		}
		m, err = talk.Post(tx, v.Actor, t.Thread.ID, d)
		return err
	})
	return m, err
}

// kept is a stored upload that travels in the form of a refused message, so
// that the file need not be sent again.
type kept struct {
	Person string
	At     time.Time
	Upload talk.Upload
}

const keptPurpose = "kept upload"

func (v *visit) keepUpload(u talk.Upload) string {
	b, err := json.Marshal(kept{v.Actor.Person, v.now, u})
	if err != nil {
		return ""
	}
	return v.Sealer.Sign(keptPurpose, string(b))
}

// keptUploads are the files of an earlier attempt. An old one may have been
// swept away and has to be sent again.
func (v *visit) keptUploads() []talk.Upload {
	var out []talk.Upload
	for _, token := range v.r.PostForm["kept"] {
		payload, ok := v.Sealer.Check(keptPurpose, token)
		var k kept
		if !ok || json.Unmarshal([]byte(payload), &k) != nil || k.Person != v.Actor.Person || v.now.Sub(k.At) > talk.MinSweepAge-time.Hour {
			continue
		}
		out = append(out, k.Upload)
	}
	return out
}
