package portal

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/look"
	spec "tocsin/spec/membership"
)

const applicationsPath = "/alliance/applications"

var applicationTones = map[spec.AppState]look.Tone{spec.AppActive: look.Good, spec.AppAccepted: look.Good, spec.AppRefused: look.Bad, spec.AppLapsed: look.Bad,
	spec.AppSubmitted: look.Waiting, spec.AppObjection: look.Waiting, spec.AppReady: look.Waiting, spec.AppBallot: look.Waiting}

func applicationChip(s spec.AppState) look.Chip {
	return look.Chip{Label: spec.Application.Label(s), Tone: applicationTones[s]}
}

func applicationPath(number string) string { return applicationsPath + "/" + number }

// applicantWords say to the applicant what its application waits for.
var applicantWords = map[spec.AppState]string{
	spec.AppDraft:     "Complete the form below, confirm your address, and submit it.",
	spec.AppSubmitted: "The secretariat checks whether all is there. You hear from it by mail.",
	spec.AppComplete:  "Members that you named are asked to speak for you.",
	spec.AppSponsored: "Your sponsors have spoken. The members are told next.",
	spec.AppObjection: "The members of the program may ask questions of principle in this time.",
	spec.AppReady:     "It is being decided on.",
	spec.AppAccepted:  "You are accepted. Your first admin is invited by mail, signs in, and accepts the agreements.",
	spec.AppSigned:    "The agreements are signed. A test page goes to the contacts that you have entered, else to the contact of this application; answer it.",
	spec.AppTested:    "All is there. The secretariat makes your membership active.",
	spec.AppActive:    "Your organization is a member. Welcome.",
	spec.AppRefused:   "The application was refused.",
	spec.AppWithdrawn: "You took the application back.",
	spec.AppLapsed:    "A year went by; the application lapsed. You may begin a new one.",
}

// stepLine draws the way of an application, step under step, with what is
// done, where it stands and what follows. board says that the program decides
// by its board, and that the reader may know of the ballot.
func stepLine(p membership.Application, board bool) template.HTML {
	way := slices.Clone(spec.Way)
	if !board {
		way = slices.DeleteFunc(way, func(s spec.AppState) bool { return s == spec.AppBallot })
	}
	at := slices.Index(way, p.State)
	ended := at < 0
	if ended { // refused, withdrawn, lapsed: as far as it came, then the end
		for i, s := range way {
			if !p.Dates[s].IsZero() {
				at = i
			}
		}
		way = append(way[:at+1:at+1], p.State)
		at++
	}
	const step, x = 30, 14
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg class="mpcvd" role="img" aria-label="%s" viewBox="0 0 340 %d" width="340" height="%d" fill="none" stroke="currentColor" font-family="inherit">`,
		html.EscapeString(fmt.Sprintf("Step %d of %d: %s", at+1, len(way), spec.Application.Label(p.State))), step*len(way), step*len(way))
	for i, s := range way {
		y := step*i + step/2
		if i > 0 {
			dash := ""
			if i > at {
				dash = ` stroke-dasharray="3 3"`
			}
			fmt.Fprintf(&b, `<path d="M%d %dV%d"%s/>`, x, y-step+8, y-8, dash)
		}
		mark, weight := "", ""
		switch {
		case i < at:
			mark = fmt.Sprintf(`<path d="M%d %dl3 3 5-6"/>`, x-4, y)
		case i == at:
			mark, weight = fmt.Sprintf(`<circle cx="%d" cy="%d" r="4" fill="currentColor"/>`, x, y), ` font-weight="600"`
		}
		when := ""
		if t := p.Dates[s]; i <= at && !t.IsZero() {
			when = " · " + t.UTC().Format("2006-01-02")
		}
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="8"/>%s<text x="%d" y="%d" fill="currentColor" stroke="none" font-size="13"%s>%s%s</text>`, x, y, mark, x+18, y+4, weight, html.EscapeString(spec.Application.Label(s)), when)
	}
	b.WriteString(`</svg></figure>`)
	return template.HTML(b.String())
}
