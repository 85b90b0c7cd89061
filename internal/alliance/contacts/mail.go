package contacts

import (
	"fmt"

	"tocsin/internal/kernel/outbox"
)

func askMail(alliance, name, link string) outbox.Mail {
	return outbox.Mail{
		Subject: alliance + ": is this contact still right?",
		Text: fmt.Sprintf(`This address is kept as a contact at %s:

%s

Open this link and say in one click whether that is still right:

%s

The link works once, within 30 days. You need no account for it.
`, alliance, name, link),
	}
}

func testMail(alliance, name, link string) outbox.Mail {
	return outbox.Mail{
		Subject: alliance + ": a test page, please answer",
		Text: fmt.Sprintf(`%s tests whether it can reach its members when it matters.
This page is for:

%s

Please open this link and press the button there. That is all:

%s

It is a test; nothing has happened. You need no account to answer.
`, alliance, name, link),
	}
}

func callMail(alliance, name, link, page string) outbox.Mail {
	return outbox.Mail{
		Subject: alliance + " is calling: please answer",
		Text: fmt.Sprintf(`Somebody at %s needs to reach:

%s

Open this link and press the button to say that you take the call. Nobody
else is called then:

%s

What it is about stands behind the sign-in, never in a mail:

%s
`, alliance, name, link, page),
	}
}
