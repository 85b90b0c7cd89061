// Package look is the one hand that draws every page: the frame, the style
// sheet, the components and the renderer.
//
// # Drawing a page
//
//	//go:embed pages
//	var pages embed.FS               // fs.Sub(pages, "pages")
//	rd, err := look.New(sub, logger) // parses everything once
//	mux.Handle("/assets/", rd.Assets())
//	mux.HandleFunc("POST /theme", look.SetTheme)
//
//	type casePage struct {
//		look.Frame                   // typed: alliance, doors, head, …
//		Matrix look.Matrix
//	}
//	rd.Page(w, r, http.StatusOK, "case", casePage{…})
//
// The file pages/case.html defines "main" and, for a side column, "side";
// both get the page's data. Files whose name begins with "_" hold templates
// shared by the caller's pages. A page with a matrix or a wide table defines
// no "side". The layout draws marking, number, title, state, clock, what is
// owed and tabs from Frame.Head, so a page never writes its own h1. Headings
// in a page begin at h2. Set Frame.Public for visitors without an account and
// Frame.Narrow for forms. The built-in pages are "error" (ErrorPage) and
// "gallery" (Gallery()).
//
// # Components
//
// Each is used as {{template "name" data}}:
//
//	tlp           string, the exact label        chip          Chip
//	chips         []Chip                         crumbs        []Link
//	recordhead    RecordHead (the layout does)   tabs          []Tab
//	owe           Owe                            countdown     Countdown
//	matrix        Matrix                         stats         []Stat
//	timetable     Timetable                      timeline      Timeline (NewTimeline)
//	machine       Machine                        diff          Diff (NewDiff)
//	tree          Tree, programs under programs
//	talk          Talk                           thread        Thread
//	message       Message                        composer      Composer
//	reach         Reach, "who sees this"         table         Table
//	cell          Cell                           pager         Pager
//	facts         Facts, side column             kv            Facts, main column
//	listing       Listing, the desk's lists      steps         Steps
//	form          Form                           field         Field
//	errorsummary  Form                           hidden        []Hidden
//	options       []Option                       button        Button
//	confirm       Confirm                        popup         Popup, a dialog in place
//	choices       Choices, one-handed answers    notice        Notice
//	empty         Empty                          secret        Secret, shown once
//	code          Code                           passkey       Passkey (+ script)
//	flash         Flash (the layout does)
//
// # Functions in templates
//
//	when T            <time> with UTC; the browser adds local time
//	whenIn T ZONE     with the reader's own time in parentheses
//	ago NOW T         "2 h ago · 2026-11-22 10:00 UTC"
//	due NOW T         "in 3 d · …", "2 h late · …"
//	utc T, iso T      text; stamp T only under a head that says UTC
//	span D            "6 d 03:22"
//	count N, plural N "person" "people", bytes N
//	icon "lock"       desk cases triage response advisories exchange alliance
//	                  commons more find lock alarm key file download settings
//	asset "x.js"      cacheable address
//	link L H, chip L TONE, notice TONE TITLE TEXT, empty TEXT, button L H
//	                  typed values for one-off use; join, add, pct
//
// # Scripts
//
// Every page works without them. Frame.Live names a stream of server-sent
// events (any "message" or "change" event); live.js then fetches the same
// page with the header X-Fragment: 1 and swaps the regions marked
// data-fragment="name" whose words differ, or offers "N changes, reload".
// A form with a draft key keeps what is typed until a page with a Good flash
// follows its submit, so answer a saved form with a redirect and such a
// flash. Doors with a Key answer to "g" and that letter. Passkey forms need
// "passkey.js" in Frame.Scripts. A new file in assets/ is served at once.
//
// # Rules
//
// The policy forbids inline scripts and style attributes: use the classes of
// style.css, and presentation attributes in drawings. Color has four
// meanings (Tone) and never stands alone. A time always carries its zone.
// Classes for hand-written parts: prose, q (quiet), num, nw (no wrap), vh
// (for screen readers only), acts (a row of buttons), scroll, data (tables),
// recline, lede, cols, stack (sections with room between), search (a form of
// one row that finds), names (a list of links).
package look
