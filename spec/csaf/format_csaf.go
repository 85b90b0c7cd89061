package csaf

// The format of section 3, type by type.

var documentShape = obj(
	req("document", metadataShape()),
	opt("product_tree", productTreeShape()),
	opt("vulnerabilities", list(1, vulnerabilityShape())),
)

func metadataShape() shape {
	return obj(
		opt("acknowledgments", acknowledgmentsShape()),
		opt("aggregate_severity", obj(opt("namespace", uri()), req("text", text()))),
		req("category", pattern(1, patternCategory, "a document category; it must not begin or end with white space, a dash, an underscore or a period")),
		req("csaf_version", enum(Version)),
		opt("distribution", objN(1, 0,
			opt("text", text()),
			opt("tlp", obj(req("label", enum("AMBER", "GREEN", "RED", "WHITE")), opt("url", uri()))),
		)),
		opt("lang", langShape()),
		opt("notes", notesShape()),
		req("publisher", publisherShape()),
		opt("references", referencesShape()),
		opt("source_lang", langShape()),
		req("title", text()),
		req("tracking", trackingShape()),
	)
}

func trackingShape() shape {
	return obj(
		opt("aliases", set(text())),
		req("current_release_date", instant()),
		opt("generator", obj(
			opt("date", instant()),
			req("engine", obj(req("name", text()), opt("version", text()))),
		)),
		req("id", pattern(1, patternTrackingID, "a tracking id; it must be one line without white space at either end")),
		req("initial_release_date", instant()),
		req("revision_history", list(1, obj(
			req("date", instant()),
			opt("legacy_version", text()),
			req("number", versionShape()),
			req("summary", text()),
		))),
		req("status", enum("draft", "final", "interim")),
		req("version", versionShape()),
	)
}

func versionShape() shape {
	return pattern(0, patternVersion, "a version; it must be a whole number or three numbers after the rules of Semantic Versioning")
}

func langShape() shape { return pattern(0, patternLang, "a language tag like en or de-CH (RFC 5646)") }

func publisherShape() shape {
	return obj(
		req("category", enum("coordinator", "discoverer", "other", "translator", "user", "vendor")),
		opt("contact_details", text()),
		opt("issuing_authority", text()),
		req("name", text()),
		req("namespace", uri()),
	)
}

func acknowledgmentsShape() shape {
	return list(1, objN(1, 0,
		opt("names", list(1, text())),
		opt("organization", text()),
		opt("summary", text()),
		opt("urls", list(1, uri())),
	))
}

func notesShape() shape {
	return list(1, obj(
		opt("audience", text()),
		req("category", enum("description", "details", "faq", "general", "legal_disclaimer", "other", "summary")),
		req("text", text()),
		opt("title", text()),
	))
}

func referencesShape() shape {
	return list(1, obj(
		opt("category", enum("external", "self")),
		req("summary", text()),
		req("url", uri()),
	))
}

func productsShape() shape { return set(text()) }

func productTreeShape() shape {
	return objN(1, 0,
		opt("branches", branchesShape(1)),
		opt("full_product_names", list(1, fullProductNameShape())),
		opt("product_groups", list(1, obj(
			req("group_id", text()),
			req("product_ids", array(2, true, text())),
			opt("summary", text()),
		))),
		opt("relationships", list(1, obj(
			req("category", enum("default_component_of", "external_component_of", "installed_on", "installed_with", "optional_component_of")),
			req("full_product_name", fullProductNameShape()),
			req("product_reference", text()),
			req("relates_to_product_reference", text()),
		))),
	)
}

// branchesShape builds the shape of the next level only when a document has
// one, and ends at MaxBranchDepth.
func branchesShape(depth int) shape {
	return func(r *reading, path string, v any) (any, bool) {
		if depth > MaxBranchDepth {
			r.fault(path, "branches are nested deeper than %d levels", MaxBranchDepth)
			return nil, false
		}
		return list(1, objN(3, 3,
			opt("branches", branchesShape(depth+1)),
			req("category", enum("architecture", "host_name", "language", "legacy", "patch_level", "product_family",
				"product_name", "product_version", "product_version_range", "service_pack", "specification", "vendor")),
			req("name", text()),
			opt("product", fullProductNameShape()),
		))(r, path, v)
	}
}

func fullProductNameShape() shape {
	return obj(
		req("name", text()),
		req("product_id", text()),
		opt("product_identification_helper", objN(1, 0,
			opt("cpe", pattern(5, patternCPE, "a CPE name of version 2.2 or 2.3")),
			opt("hashes", list(1, obj(
				req("file_hashes", list(1, obj(
					req("algorithm", text()),
					req("value", pattern(32, patternHash, "a hash of at least 32 hexadecimal digits")),
				))),
				req("filename", text()),
			))),
			opt("model_numbers", set(text())),
			opt("purl", uriLike(7, patternPURL, "a package URL like pkg:golang/example.com/mod@v1.2.3")),
			opt("sbom_urls", list(1, uri())),
			opt("serial_numbers", set(text())),
			opt("skus", list(1, text())),
			opt("x_generic_uris", list(1, obj(req("namespace", uri()), req("uri", uri())))),
		)),
	)
}

func vulnerabilityShape() shape {
	return objN(1, 0,
		opt("acknowledgments", acknowledgmentsShape()),
		opt("cve", pattern(0, patternCVE, "a CVE id like CVE-2024-12345")),
		opt("cwe", obj(
			req("id", pattern(0, patternCWE, "a CWE id like CWE-79")),
			req("name", text()),
		)),
		opt("discovery_date", instant()),
		opt("flags", set(obj(
			opt("date", instant()),
			opt("group_ids", productsShape()),
			req("label", enum(vexJustifications...)),
			opt("product_ids", productsShape()),
		))),
		opt("ids", set(obj(req("system_name", text()), req("text", text())))),
		opt("involvements", set(obj(
			opt("date", instant()),
			req("party", enum("coordinator", "discoverer", "other", "user", "vendor")),
			req("status", enum("completed", "contact_attempted", "disputed", "in_progress", "not_contacted", "open")),
			opt("summary", text()),
		))),
		opt("notes", notesShape()),
		opt("product_status", objN(1, 0,
			opt("first_affected", productsShape()),
			opt("first_fixed", productsShape()),
			opt("fixed", productsShape()),
			opt("known_affected", productsShape()),
			opt("known_not_affected", productsShape()),
			opt("last_affected", productsShape()),
			opt("recommended", productsShape()),
			opt("under_investigation", productsShape()),
		)),
		opt("references", referencesShape()),
		opt("release_date", instant()),
		opt("remediations", list(1, remediationShape())),
		opt("scores", list(1, objN(2, 0,
			opt("cvss_v2", cvss2Shape),
			opt("cvss_v3", cvss3Shape),
			req("products", productsShape()),
		))),
		opt("threats", list(1, obj(
			req("category", enum("exploit_status", "impact", "target_set")),
			opt("date", instant()),
			req("details", text()),
			opt("group_ids", productsShape()),
			opt("product_ids", productsShape()),
		))),
		opt("title", text()),
	)
}

// vexJustifications are the labels of flags (3.2.3.5): the reasons of VEX why a
// product is not affected.
var vexJustifications = []string{
	"component_not_present",
	"inline_mitigations_already_exist",
	"vulnerable_code_cannot_be_controlled_by_adversary",
	"vulnerable_code_not_in_execute_path",
	"vulnerable_code_not_present",
}

func remediationShape() shape {
	return obj(
		req("category", enum("mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround")),
		opt("date", instant()),
		req("details", text()),
		opt("entitlements", list(1, text())),
		opt("group_ids", productsShape()),
		opt("product_ids", productsShape()),
		opt("restart_required", obj(
			req("category", enum("connected", "dependencies", "machine", "none", "parent", "service", "system", "vulnerable_component", "zone")),
			opt("details", text()),
		)),
		opt("url", uri()),
	)
}
