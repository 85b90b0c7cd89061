package constituency

import (
	"testing"
)

// TestMachineIsSound holds the table against what every machine keeps: one
// row for a state and verb, every state reached, and those ends final.
func TestMachineIsSound(t *testing.T) {
	seen, reached := map[string]bool{}, map[State]bool{Claim.Start: true}
	for _, r := range Claim.Rows {
		key := string(r.From) + " " + string(r.Verb)
		if seen[key] {
			t.Errorf("two rows for %s", key)
		}
		seen[key], reached[r.To] = true, true
	}
	for _, s := range Claim.States() {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		if Claim.Final(s) == s.Lives() {
			t.Errorf("%s: final is %v, and it lives: %v", s, Claim.Final(s), s.Lives())
		}
	}
}
