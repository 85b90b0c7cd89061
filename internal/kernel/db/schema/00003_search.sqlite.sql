-- One row per searchable text. n grows with every write, so it is the order
-- "latest first" and the row's number in the full-text index.
CREATE TABLE search_doc (
  n           INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  object_id   TEXT NOT NULL,
  part        TEXT NOT NULL DEFAULT '',
  scope       TEXT NOT NULL DEFAULT '',
  audience_id TEXT NOT NULL,
  party       TEXT NOT NULL DEFAULT '',
  tlp         INTEGER NOT NULL,
  release_at  BIGINT,
  title       TEXT NOT NULL,
  body        TEXT NOT NULL,
  url         TEXT NOT NULL,
  updated_at  BIGINT NOT NULL,
  UNIQUE (kind, object_id, part)
);
CREATE INDEX search_doc_scope ON search_doc (scope);
CREATE INDEX search_doc_party ON search_doc (party);

-- Holds folded words only; made anew from search_doc by search.Rebuild.
CREATE VIRTUAL TABLE search_index USING fts5(title, body, content='', contentless_delete=1, tokenize='ascii');
