-- Agreements: their versions, who was asked, who accepted.

CREATE TABLE agreement (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  release_at  BIGINT,
  kind        TEXT NOT NULL,
  title       TEXT NOT NULL,
  folded      TEXT NOT NULL UNIQUE,
  sight       TEXT NOT NULL,
  program_id  TEXT NOT NULL DEFAULT '',
  also        TEXT NOT NULL DEFAULT '[]', -- ids of agreements that satisfy this one too
  state       TEXT NOT NULL,
  current_id  TEXT NOT NULL, -- the version that stands
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);

-- A text never changes. generation_id is the last version, this one or one
-- before, that demanded acceptance anew: audiences require that id.
CREATE TABLE agreement_version (
  id            TEXT PRIMARY KEY,
  agreement_id  TEXT NOT NULL REFERENCES agreement(id),
  number        INTEGER NOT NULL,
  body          TEXT NOT NULL,
  note          TEXT NOT NULL DEFAULT '',
  demands       INTEGER NOT NULL,
  generation_id TEXT NOT NULL,
  author_id     TEXT NOT NULL,
  at            BIGINT NOT NULL,
  UNIQUE (agreement_id, number)
);

-- Of which agreement somebody was told that it waits for them: once for each
-- generation.
CREATE TABLE agreement_asking (
  id            TEXT PRIMARY KEY,
  agreement_id  TEXT NOT NULL REFERENCES agreement(id),
  generation_id TEXT NOT NULL,
  party_kind    TEXT NOT NULL,
  party_id      TEXT NOT NULL,
  audience_id   TEXT NOT NULL,
  at            BIGINT NOT NULL,
  UNIQUE (generation_id, party_kind, party_id)
);
CREATE INDEX agreement_asking_party ON agreement_asking (party_kind, party_id);

-- Who accepted which version, for whom, when and from where. salt keeps the
-- address from being guessed out of the row's hash. ended_at is 0 while the
-- acceptance stands.
CREATE TABLE agreement_acceptance (
  id           TEXT PRIMARY KEY,
  audience_id  TEXT NOT NULL,
  tlp          INTEGER NOT NULL,
  agreement_id TEXT NOT NULL REFERENCES agreement(id),
  version_id   TEXT NOT NULL REFERENCES agreement_version(id),
  party_kind   TEXT NOT NULL,
  party_id     TEXT NOT NULL,
  person_id    TEXT NOT NULL, -- who accepted, or who recorded the paper
  signer       TEXT NOT NULL DEFAULT '', -- of the paper
  paper        TEXT NOT NULL DEFAULT '', -- where the paper is kept; empty: accepted here
  address      TEXT NOT NULL DEFAULT '',
  salt         TEXT NOT NULL,
  at           BIGINT NOT NULL,
  ended_at     BIGINT NOT NULL DEFAULT 0,
  end_reason   TEXT NOT NULL DEFAULT '',
  ended_by     TEXT NOT NULL DEFAULT '',
  UNIQUE (version_id, party_kind, party_id, ended_at)
);
CREATE INDEX agreement_acceptance_party ON agreement_acceptance (party_kind, party_id);
CREATE INDEX agreement_acceptance_agreement ON agreement_acceptance (agreement_id, at, id);

-- Which audiences require a text.
CREATE INDEX audience_terms_terms ON audience_terms (terms_id);
