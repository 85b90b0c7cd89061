package csaf

const trackingPath = "/document/tracking"

func sortedHistory(c *check) {
	history := c.doc.history()
	for i := 1; i < len(history); i++ {
		if history[i].version.compare(history[i-1].version) < 0 {
			c.fault(at(trackingPath, "revision_history", history[i].index), "version %s is dated after version %s, which is higher", quoted(history[i].Number), quoted(history[i-1].Number))
		}
	}
}

// latestVersion compares without build metadata, and in a draft also without
// the pre-release part.
func latestVersion(c *check) {
	history := c.doc.history()
	if len(history) == 0 {
		return
	}
	own, _ := readVersion(c.doc.Document.Tracking.Version)
	last := history[len(history)-1]
	latest := last.version
	if c.doc.Document.Tracking.Status == "draft" {
		own.pre, latest.pre = nil, nil
	}
	if own.semantic != latest.semantic || own.compare(latest) != 0 {
		c.fault(at(trackingPath, "version"), "the version is %s, but the latest entry of the revision history is %s", quoted(c.doc.Document.Tracking.Version), quoted(last.Number))
	}
}

func draftStatus(c *check) {
	t := c.doc.Document.Tracking
	v, ok := readVersion(t.Version)
	if ok && t.Status != "draft" && (v.early() || len(v.pre) > 0) {
		c.fault(at(trackingPath, "status"), "the version %s means a draft, but the status is %s", quoted(t.Version), quoted(t.Status))
	}
}

func (c *check) released() bool {
	s := c.doc.Document.Tracking.Status
	return s == "final" || s == "interim"
}

func releasedHistory(c *check) {
	if !c.released() {
		return
	}
	for _, h := range c.doc.history() {
		if h.version.early() {
			c.fault(at(trackingPath, "revision_history", h.index, "number"), "a released document's history must not hold version %s", quoted(h.Number))
		}
	}
}

func preReleaseHistory(c *check) {
	for _, h := range c.doc.history() {
		if len(h.version.pre) > 0 {
			c.fault(at(trackingPath, "revision_history", h.index, "number"), "the pre-release version %s must not be in the history", quoted(h.Number))
		}
	}
}

func nonDraftVersion(c *check) {
	v, _ := readVersion(c.doc.Document.Tracking.Version)
	if c.released() && len(v.pre) > 0 {
		c.fault(at(trackingPath, "version"), "a released document must not have the pre-release version %s", quoted(c.doc.Document.Tracking.Version))
	}
}

// missingRevision wants the (major) numbers to begin with 0 or 1 and to leave
// none out.
func missingRevision(c *check) {
	history := c.doc.history()
	for i, h := range history {
		path := at(trackingPath, "revision_history", h.index, "number")
		if i == 0 {
			if n := h.version.core[0]; n != "0" && n != "1" {
				c.fault(path, "the history begins with version %s; it must begin with 0 or 1", quoted(h.Number))
			}
			continue
		}
		last := history[i-1].version.core[0]
		if now := h.version.core[0]; compareNumbers(last, now) < 0 && !follows(last, now) {
			c.fault(path, "the history goes from version %s to %s; an entry is missing", quoted(history[i-1].Number), quoted(h.Number))
		}
	}
}

func multipleRevision(c *check) {
	seen := map[string]bool{}
	for i, r := range c.doc.Document.Tracking.RevisionHistory {
		if seen[r.Number] {
			c.fault(at(trackingPath, "revision_history", i, "number"), "the history has version %s twice", quoted(r.Number))
		}
		seen[r.Number] = true
	}
}

func mixedVersioning(c *check) {
	own, ok := readVersion(c.doc.Document.Tracking.Version)
	if !ok {
		return
	}
	for _, h := range c.doc.history() {
		if h.version.core[0] != "" && h.version.semantic != own.semantic {
			c.fault(at(trackingPath, "revision_history", h.index, "number"), "%s and the document version %s mix integer and semantic versioning", quoted(h.Number), quoted(own.text))
		}
	}
}
