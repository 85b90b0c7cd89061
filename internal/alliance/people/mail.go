package people

import (
	"fmt"

	"tocsin/internal/kernel/outbox"
)

func inviteMail(alliance, link string) outbox.Mail {
	return outbox.Mail{
		Subject: "Invitation to " + alliance,
		Text: fmt.Sprintf(`You are invited to join %s, an alliance that responds to
security threats together.

Open this link to see what you are invited to, and to accept or decline:

%s

The link is yours alone and holds for 14 days. If you did not expect it,
you need do nothing.
`, alliance, link),
	}
}

func linkMail(alliance, link string) outbox.Mail {
	return outbox.Mail{
		Subject: "Sign in to " + alliance,
		Text: fmt.Sprintf(`Somebody, probably you, asked to sign in to %s.

%s

The link works once, within 30 minutes. If it was not you, you need do
nothing; nobody gets in without the link.
`, alliance, link),
	}
}

func passwordMail(alliance, site string) outbox.Mail {
	return outbox.Mail{
		Subject: "Your password at " + alliance + " was changed",
		Text: fmt.Sprintf(`The password of your account at %s was changed, and all
other sessions were ended.

If it was you, all is well. If not, ask for a sign-in link at once and set
a new one, and tell the operator:

%s
`, alliance, site),
	}
}
