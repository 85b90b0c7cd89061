package portal

import "tocsin/internal/alliance/orgs"

// memberRoleWords say what a role in an organization is.
var memberRoleWords = map[orgs.Role]string{
	orgs.Admin:     "admin: works on cases, and runs the organization's own list",
	orgs.Responder: "responder: works on cases",
	orgs.Reader:    "reader: reads",
}

// classWords name the classes of organizations.
var classWords = map[orgs.Class]string{
	orgs.Vendor: "vendor", orgs.AV: "anti-virus", orgs.ISP: "internet provider", orgs.Government: "government", orgs.Education: "education",
	orgs.CERT: "CERT", orgs.Support: "support", orgs.Financial: "financial",
}
