-- What all stand on: the audience rule, the ledger, the outbox, leases.

CREATE TABLE audience (
  id         TEXT PRIMARY KEY,
  noun       TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- Whom a record is for. reach is the highest TLP level this grant counts for.
CREATE TABLE audience_grant (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  kind        TEXT NOT NULL,
  subject_id  TEXT NOT NULL,
  role        INTEGER NOT NULL,
  reach       INTEGER NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  since       BIGINT NOT NULL,
  PRIMARY KEY (audience_id, kind, subject_id)
);
-- Holds all that the rule asks of a grant.
CREATE INDEX audience_grant_subject ON audience_grant (kind, subject_id, audience_id, role, reach);

CREATE TABLE audience_terms (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  terms_id    TEXT NOT NULL,
  PRIMARY KEY (audience_id, terms_id)
);

CREATE TABLE audience_bar (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  class       TEXT NOT NULL,
  PRIMARY KEY (audience_id, class)
);

-- Whom a person stands for. party is who must have accepted an audience's
-- terms for this seat to count.
CREATE TABLE seat (
  person_id  TEXT NOT NULL,
  kind       TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  party_kind TEXT NOT NULL,
  party_id   TEXT NOT NULL,
  cap        INTEGER NOT NULL,
  class      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (person_id, kind, subject_id, party_kind, party_id)
);
CREATE INDEX seat_subject ON seat (kind, subject_id);

CREATE TABLE terms_acceptance (
  terms_id   TEXT NOT NULL,
  party_kind TEXT NOT NULL,
  party_id   TEXT NOT NULL,
  person_id  TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (terms_id, party_kind, party_id)
);
CREATE INDEX terms_acceptance_party ON terms_acceptance (party_kind, party_id);

CREATE TABLE event (
  seq         BIGINT PRIMARY KEY,
  at          BIGINT NOT NULL,
  kind        TEXT NOT NULL,
  actor_kind  TEXT NOT NULL,
  actor_id    TEXT NOT NULL,
  audience_id TEXT NOT NULL,
  first_id    TEXT NOT NULL, -- the audience as the leaf has it
  party       TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  scope       TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id   TEXT NOT NULL,
  payload     TEXT NOT NULL,
  payload_sum TEXT NOT NULL,
  salt        TEXT NOT NULL,
  erased      INTEGER NOT NULL DEFAULT 0,
  binds       TEXT NOT NULL
);
CREATE INDEX event_scope ON event (scope, seq);
CREATE INDEX event_party ON event (party);
CREATE INDEX event_object ON event (object_kind, object_id, seq);
CREATE INDEX event_actor ON event (actor_kind, actor_id, seq);

CREATE TABLE ledger_head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  size BIGINT NOT NULL
);
INSERT INTO ledger_head (one, size) VALUES (1, 0);

CREATE TABLE ledger_hash (
  idx  BIGINT PRIMARY KEY,
  hash BLOB NOT NULL
);

CREATE TABLE ledger_checkpoint (
  size BIGINT PRIMARY KEY,
  at   BIGINT NOT NULL,
  note TEXT NOT NULL
);

CREATE TABLE subscriber (
  name TEXT PRIMARY KEY,
  seq  BIGINT NOT NULL
);

CREATE TABLE outbox (
  id          TEXT PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  person_id   TEXT NOT NULL DEFAULT '',
  address     TEXT NOT NULL,
  content     BLOB NOT NULL,
  state       TEXT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_by    TEXT NOT NULL DEFAULT '',
  last_error  TEXT NOT NULL DEFAULT '',
  created_at  BIGINT NOT NULL,
  done_at     BIGINT
);
CREATE INDEX outbox_due ON outbox (state, next_at);
CREATE INDEX outbox_person ON outbox (person_id, created_at);

-- Work that one replica at a time does.
CREATE TABLE lease (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until  BIGINT NOT NULL
);

-- Small named facts: the alliance's charter, key material (sealed).
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

-- Answers already given, so that a repeated POST is answered and not redone.
CREATE TABLE idempotency (
  actor   TEXT NOT NULL,
  key     TEXT NOT NULL,
  request TEXT NOT NULL,
  status  INTEGER NOT NULL,
  header  TEXT NOT NULL DEFAULT '',
  body    BLOB NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);

-- Attempts counted per key and window, for login and report limits.
CREATE TABLE attempt (
  key    TEXT NOT NULL,
  bucket BIGINT NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (key, bucket)
);
