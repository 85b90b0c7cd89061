package portal

import "tocsin/internal/edge/look"

// accountFrame is the frame of one of the pages of the visitor's own account.
// Somebody who must still add a second factor finds the security page alone.
func (v *visit) accountFrame(tab string) look.Frame {
	f := v.frame("")
	f.Head = look.RecordHead{Title: "Your account"}
	for _, t := range []look.Tab{{Label: "Profile", Href: "/me"}, {Label: "Security", Href: "/me/security"}, {Label: "Notices", Href: "/me/notices"}, {Label: "API tokens", Href: "/me/tokens"}, {Label: "Your trail", Href: "/me/trail"}} {
		if v.Enrolling() && t.Href != "/me/security" {
			continue
		}
		t.Current = t.Href == tab
		f.Head.Tabs = append(f.Head.Tabs, t)
	}
	return f
}
