-- What organizations answer for, how it is proven, and where two of them say
-- the same.

CREATE TABLE constituency_claim (
  id               TEXT PRIMARY KEY,
  org_id           TEXT NOT NULL REFERENCES org(id),
  audience_id      TEXT NOT NULL,
  tlp              INTEGER NOT NULL,
  kind             TEXT NOT NULL,
  value            TEXT NOT NULL,
  sort_key         BLOB NOT NULL,
  note             TEXT NOT NULL DEFAULT '',
  state            TEXT NOT NULL,
  reason           TEXT NOT NULL DEFAULT '',
  registry         TEXT NOT NULL DEFAULT '',
  registry_source  TEXT NOT NULL DEFAULT '',
  challenge_method TEXT NOT NULL DEFAULT '',
  challenge_token  TEXT NOT NULL DEFAULT '',
  challenge_to     TEXT NOT NULL DEFAULT '',
  challenge_until  BIGINT,
  checked_at       BIGINT,
  check_note       TEXT NOT NULL DEFAULT '',
  method           TEXT NOT NULL DEFAULT '',
  evidence         TEXT NOT NULL DEFAULT '',
  proven_by        TEXT NOT NULL DEFAULT '',
  proven_at        BIGINT,
  until_at         BIGINT,
  reminded         INTEGER NOT NULL DEFAULT 0,
  claimed_by       TEXT NOT NULL DEFAULT '',
  created_at       BIGINT NOT NULL,
  version          BIGINT NOT NULL
);
-- An organization claims a thing once; what was refused or withdrawn stays.
CREATE UNIQUE INDEX constituency_claim_live ON constituency_claim (org_id, kind, value) WHERE state NOT IN ('refused', 'withdrawn');
CREATE INDEX constituency_claim_key ON constituency_claim (kind, sort_key);
CREATE INDEX constituency_claim_audience ON constituency_claim (audience_id);
CREATE INDEX constituency_claim_until ON constituency_claim (until_at) WHERE state IN ('proven', 'disputed');
CREATE INDEX constituency_claim_challenge ON constituency_claim (challenge_until) WHERE challenge_until IS NOT NULL;

-- The first of the two is the larger, of equal ones the earlier.
CREATE TABLE constituency_overlap (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  first_id    TEXT NOT NULL REFERENCES constituency_claim(id),
  second_id   TEXT NOT NULL REFERENCES constituency_claim(id),
  kind        TEXT NOT NULL,
  relation    TEXT NOT NULL,
  state       TEXT NOT NULL,
  decision    TEXT NOT NULL DEFAULT '',
  owner_id    TEXT NOT NULL DEFAULT '',
  reason      TEXT NOT NULL DEFAULT '',
  made_at     BIGINT NOT NULL,
  decided_by  TEXT NOT NULL DEFAULT '',
  decided_at  BIGINT,
  version     BIGINT NOT NULL,
  UNIQUE (first_id, second_id)
);
CREATE INDEX constituency_overlap_second ON constituency_overlap (second_id);
CREATE INDEX constituency_overlap_state ON constituency_overlap (state, made_at, id);

-- Links of challenges by mail. Only the last one of a claim holds.
CREATE TABLE constituency_link (
  digest     TEXT PRIMARY KEY,
  claim_id   TEXT NOT NULL REFERENCES constituency_claim(id),
  org_id     TEXT NOT NULL,
  address    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX constituency_link_org ON constituency_link (org_id, created_at);
