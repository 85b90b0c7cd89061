// Package accounts tries in a real browser what people sign in with.
package accounts

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tocsin/test/harness"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { harness.Main(m) }

// TestPasskeyFromSetupToSignIn founds an alliance, adds a passkey from a
// virtual authenticator, and signs in with nothing else.
func TestPasskeyFromSetupToSignIn(t *testing.T) {
	s := harness.Prepare(t, harness.Options{})
	// Passkeys are bound to a host name, and plain HTTP is enough on localhost.
	s.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	s.Start(t)
	setup := regexp.MustCompile(`/setup/[A-Za-z0-9_-]{43}`).FindString(s.Log())
	c := s.Client(t)
	c.Form(t, setup, url.Values{"name": {"Passkey Alliance"}, "namespace": {"https://alliance.example"}, "email": {"contact@alliance.example"}, "person_name": {"Ada Operator"}, "person_email": {"ada@alliance.example"}})

	p := s.Page(t, harness.View{})
	authenticator(t, p)
	p.SignIn(t, c)
	p.Goto(t, "/me/security")
	p.Accessible(t)
	p.Fill(t, "#f-label", "work key")
	p.Follow(t, `form[data-passkey="register"] button`)
	p.Wait(t, ".secret")
	p.Accessible(t)
	if text := p.Text(t, "main"); !strings.Contains(text, "work key") || !strings.Contains(text, "10 left") {
		t.Errorf("the security page lacks the passkey or its recovery codes:\n%s", text)
	}
	p.Goto(t, "/")
	p.Wait(t, "details.person")

	p.Click(t, "details.person summary")
	p.Follow(t, `details.person form[action="/sign-out"] button`)
	if got := p.Goto(t, "/sign-in?next=/me/tokens"); got != 200 {
		t.Fatalf("sign-in page: %d", got)
	}
	p.Accessible(t)
	p.Follow(t, `form[data-passkey="signin"] button`)
	p.Wait(t, "#f-label")
	if at := harness.Run(t, p, chromedp.Location()); at != s.URL+"/me/tokens" {
		t.Errorf("signed in at %s", at)
	}
	for _, fault := range p.Complaints() {
		t.Error(fault)
	}
}

// authenticator gives the tab a security key of its own that always consents.
func authenticator(t *testing.T, p *harness.Page) {
	t.Helper()
	p.Do(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
}
