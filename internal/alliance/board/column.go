package board

import (
	"encoding/json"
	"fmt"

	"tocsin/spec/ballot"
)

// part scans a fraction from its text.
type part struct{ to *ballot.Fraction }

func (p part) Scan(src any) (err error) {
	*p.to, err = ballot.ParseFraction(plain(src))
	return err
}

// outcome scans a result; empty text is none yet.
type outcome struct{ to **ballot.Result }

func (o outcome) Scan(src any) error {
	s := plain(src)
	if s == "" {
		*o.to = nil
		return nil
	}
	*o.to = new(ballot.Result)
	return json.Unmarshal([]byte(s), *o.to)
}

// document scans JSON; empty text is none.
type document struct{ to *json.RawMessage }

func (d document) Scan(src any) error {
	*d.to = nil
	if s := plain(src); s != "" {
		*d.to = json.RawMessage(s)
	}
	return nil
}

func plain(src any) string {
	if b, ok := src.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(src)
}
