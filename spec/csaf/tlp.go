package csaf

import "strings"

// Label10 turns a label of TLP 1.0 or 2.0, with or without "TLP:" and in any
// case, into the TLP 1.0 label that CSAF 2.0 wants: WHITE, GREEN, AMBER or RED.
// CLEAR becomes WHITE. AMBER+STRICT becomes AMBER and a text for
// distribution.text that keeps the stricter rule. ok is false for anything else.
func Label10(label string) (label10, text string, ok bool) {
	switch strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(label)), "TLP:") {
	case "CLEAR", "WHITE":
		return "WHITE", "", true
	case "GREEN":
		return "GREEN", "", true
	case "AMBER":
		return "AMBER", "", true
	case "AMBER+STRICT":
		return "AMBER", "TLP 2.0: TLP:AMBER+STRICT. Share on a need-to-know basis within your own organization only, not with its clients.", true
	case "RED":
		return "RED", "", true
	}
	return "", "", false
}
