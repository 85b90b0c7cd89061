-- What the consortium tells everybody of itself: what it plans, what it has
-- done, and numbers. An item is public from release_at on while its tlp is
-- TLP:CLEAR, which it becomes when two people have cleared its text.

CREATE TABLE outreach_item (
  id             TEXT PRIMARY KEY,
  audience_id    TEXT NOT NULL,
  tlp            INTEGER NOT NULL,
  release_at     BIGINT,
  kind           TEXT NOT NULL,
  title          TEXT NOT NULL,
  body           TEXT NOT NULL DEFAULT '',
  moment         TEXT NOT NULL DEFAULT '',
  figure_key     TEXT NOT NULL DEFAULT '',
  figure_value   TEXT NOT NULL DEFAULT '',
  figure_unit    TEXT NOT NULL DEFAULT '',
  figure_counted TEXT NOT NULL DEFAULT '',
  figure_at      BIGINT,
  not_before     BIGINT,
  place          INTEGER NOT NULL DEFAULT 0,
  state          TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  author_id      TEXT NOT NULL,
  revision       BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL,
  version        BIGINT NOT NULL
);
CREATE INDEX outreach_item_public ON outreach_item (tlp, release_at);
CREATE INDEX outreach_item_state ON outreach_item (state, kind, place, id);

-- Who found which revision of an item fit to be published.
CREATE TABLE outreach_clearance (
  id        TEXT PRIMARY KEY,
  item_id   TEXT NOT NULL REFERENCES outreach_item(id),
  revision  BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  at        BIGINT NOT NULL,
  UNIQUE (item_id, revision, person_id)
);
