package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"tocsin/client"

	"crypto/tls"
	"crypto/x509"

	"github.com/alecthomas/kong"
)

// remote is how the client commands reach a server.
type remote struct {
	Server string `help:"Address of the server." env:"TOCSIN_SERVER" default:"http://127.0.0.1:8420" placeholder:"URL"`
	Token  string `help:"API token; better in TOCSIN_TOKEN than on the command line." env:"TOCSIN_TOKEN" placeholder:"TOKEN"`
	CA     string `name:"ca" help:"PEM file of the authority that signed the server's certificate." env:"TOCSIN_CA" type:"existingfile" placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON value."`
}

// AfterApply hands the connection to the command that runs.
func (r *remote) AfterApply(k *kong.Context) error {
	k.Bind(r)
	return nil
}

// client connects with the token.
func (r *remote) client() (*client.Client, error) {
	if r.Token == "" {
		return nil, misused("set TOCSIN_TOKEN to an API token; an operator makes one with: tocsin admin token --person EMAIL")
	}
	return r.connect(r.Token)
}

func (r *remote) connect(token string) (*client.Client, error) {
	c, err := client.New(r.Server, token)
	if err != nil {
		return nil, misused("TOCSIN_SERVER: %v", err)
	}
	if r.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, misused("%s holds no certificate", r.CA)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return c.Over(&http.Client{Transport: transport}), nil
}

// ask runs one operation and prints its result: as JSON, or in words.
func ask[T any](ctx context.Context, r *remote, f func(context.Context, *client.Client) (T, error), words func(io.Writer, T)) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	v, err := f(ctx, c)
	if err != nil {
		return err
	}
	return r.print(v, func(w io.Writer) { words(w, v) })
}

// do runs one operation that has no result.
func do(ctx context.Context, r *remote, said string, f func(context.Context, *client.Client) error) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	if err := f(ctx, c); err != nil {
		return err
	}
	return r.print(map[string]bool{"done": true}, func(w io.Writer) { fmt.Fprintln(w, said) })
}

// print writes to standard output; a table lines its columns up.
func (r *remote) print(v any, words func(io.Writer)) error {
	if r.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', 0)
	words(w)
	return w.Flush()
}

// all follows the cursor to the end of a list, at most most items.
func all[T any](most int, page func(client.Paging) (client.Page[T], error)) (client.Page[T], error) {
	out := client.Page[T]{Items: []T{}}
	p := client.Paging{Limit: min(most, 200)}
	for {
		got, err := page(p)
		if err != nil {
			return out, err
		}
		out.Items, out.Next, out.Total = append(out.Items, got.Items...), got.Next, got.Total
		if len(out.Items) >= most || got.Next == "" {
			out.Items = out.Items[:min(most, len(out.Items))]
			return out, nil
		}
		p.Cursor = got.Next
	}
}

// moment shows an instant in UTC with its zone, always with the hour.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

// instant reads an RFC 3339 time; one without a zone is refused.
type instant struct{ time.Time }

// UnmarshalText reads the time.
func (i *instant) UnmarshalText(b []byte) (err error) {
	if i.Time, err = time.Parse(time.RFC3339, string(b)); err != nil {
		return fmt.Errorf("write the time with its zone, as 2027-01-31T14:00:00Z")
	}
	return nil
}

// line keeps what others wrote on one line of a terminal and takes control
// characters out of it.
func line(s string) string {
	return strings.Join(strings.Fields(strings.Map(printable, s)), " ")
}

// lines is line for a text that may have several.
func lines(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return printable(r)
	}, s)
}

// printable takes out what could steer a terminal or turn its text around.
func printable(r rune) rune {
	switch {
	case r == '\t', r == '\n':
		return ' '
	case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return -1
	}
	return r
}

// textOf is an argument, or what stands in the file or on standard input
// that it names as @FILE or -.
func textOf(arg string) (string, error) {
	switch {
	case arg == "-":
		b, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
		return string(b), err
	case strings.HasPrefix(arg, "@"):
		b, err := os.ReadFile(arg[1:])
		return string(b), err
	}
	return arg, nil
}
