package agreements

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Limits of what is typed.
const (
	MaxTitle    = 200
	MaxBody     = 100_000
	MaxNote     = 1000
	MaxAlso     = 10
	MaxVersions = 1000
	maxAddress  = 100
)

const level = tlp.AmberStrict // of acceptances, and of who was asked

func (in Agreement) cleaned(tx *db.Tx) (Agreement, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	title, _, err := text.CleanLine(in.Title, MaxTitle)
	switch {
	case err != nil:
		refuse("title", "Please correct the title: "+err.Error()+".")
	case title == "":
		refuse("title", "An agreement needs a title.")
	}
	in.Title = title
	if !slices.Contains(Kinds, in.Kind) || in.Kind == CaseTerms {
		refuse("kind", "Choose nda, memorandum, program or antitrust; the case terms are edited in the settings.")
	}
	if in.Sight == "" {
		in.Sight = Members
	}
	if !slices.Contains(Sights, in.Sight) {
		refuse("sight", "Choose who may read it: public, members or concerned.")
	}
	if in.Program != "" {
		if n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program WHERE id = $1`, in.Program); err != nil {
			return in, err
		} else if n == 0 {
			refuse("program_id", "There is no such program.")
		}
	}
	slices.Sort(in.Also)
	in.Also = slices.Compact(in.Also)
	if len(in.Also) > MaxAlso {
		refuse("also", "Name at most 10 agreements that satisfy this one too.")
		return in, errs.Join(bad)
	}
	for _, one := range in.Also {
		g, ok, err := byID(tx, one)
		if err != nil {
			return in, err
		}
		if !ok || g.ID == in.ID {
			refuse("also", "Choose other agreements that exist.")
			break
		}
	}
	return in, errs.Join(bad)
}

func cleanBody(body, note string) (string, string, error) {
	var bad []errs.Field
	b, _, err := text.CleanText(body, MaxBody)
	switch {
	case err != nil:
		bad = append(bad, errs.Field{Name: "body", Reason: "Please correct the text: " + err.Error() + "."})
	case strings.TrimSpace(b) == "":
		bad = append(bad, errs.Field{Name: "body", Reason: "An agreement needs a text."})
	}
	n, _, err := text.CleanLine(note, MaxNote)
	if err != nil {
		bad = append(bad, errs.Field{Name: "note", Reason: "Please correct what changed: " + err.Error() + "."})
	}
	return b, n, errs.Join(bad)
}

func cleanPaper(in Paper, now time.Time) (signer, where string, err error) {
	var bad []errs.Field
	line := func(name, s string, needed string) string {
		clean, _, err := text.CleanLine(s, MaxNote)
		switch {
		case err != nil:
			bad = append(bad, errs.Field{Name: name, Reason: "Please correct this: " + err.Error() + "."})
		case clean == "":
			bad = append(bad, errs.Field{Name: name, Reason: needed})
		}
		return clean
	}
	signer = line("signer", in.Signer, "Say who signed.")
	where = line("paper", in.Where, "Say where the signed paper is kept.")
	if in.Signed.After(now) || !in.Signed.IsZero() && in.Signed.Year() < 1990 {
		bad = append(bad, errs.Field{Name: "signed_at", Reason: "Give the day of the signature, which is not in the future."})
	}
	return signer, where, errs.Join(bad)
}

func cleanReason(s string) (string, error) {
	clean, _, err := text.CleanLine(s, MaxNote)
	switch {
	case err != nil:
		return "", errs.Bad("reason", "Please correct the reason: %s.", err)
	case clean == "":
		return "", errs.Bad("reason", "Say why.")
	}
	return clean, nil
}

// cleanAddress is the address of a request as it is kept; what a proxy made up
// is cut.
func cleanAddress(s string) string {
	clean, _, err := text.CleanLine(s, maxAddress)
	if err != nil {
		return ""
	}
	return clean
}

func has(list []string, s string) bool { return slices.Contains(list, s) }

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
