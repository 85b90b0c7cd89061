package charter

import "fmt"

func between(lo, hi int) string { return fmt.Sprintf("Give a number of days from %d to %d.", lo, hi) }

const defaultPolicy = `We aim to publish a coordinated advisory within 45 days of the first report.

- Reporting to us counts as agreeing to this period unless you name another date.
- A shorter period that a party asks for is normally accepted. A longer one needs the consent of the others.
- If the flaw becomes public or is seen in attacks, we publish what protects people without waiting for the date.
- Whoever needs more time tells us before the date, with a reason and a plan.`

const defaultTerms = `By accepting you agree, for yourself and for those in your organization who work on this case:

1. **Keep it in the circle.** What you read here stays with the people who need it to fix or to protect, within the TLP marking it carries. Do not announce, hint at, or sell it before the agreed date.
2. **Use it to protect.** Use the information to fix products, to protect users and networks, and for nothing else. No use against another party, in marketing, or in trade.
3. **Keep the date.** Publish nothing, fixes included where they reveal the flaw, before the agreed instant. Tell the coordinator at once when you hear that something leaked or is being exploited.
4. **Say where you stand.** State for each of your products whether it is affected, and keep that current. If you do not answer, the advisory will say so.
5. **Look after the finder.** Do not take legal action over good-faith research in this matter, and credit people as they ask.
6. **You may leave.** Leaving ends your access. It does not end your duty to keep what you learned until the date.

The coordinator may exclude a party that breaks these terms, and keeps a record of every such decision.`

const defaultScope = `We coordinate flaws that touch the products of more than one vendor, and hand a flaw of one vendor to that vendor's own security team.

Tell us what you found, where, and how to see it for ourselves. You need no account and no name. Please do not test against systems of others, and do not send us personal data you came across.`
