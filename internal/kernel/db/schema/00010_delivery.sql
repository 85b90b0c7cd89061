-- What reaches people: notices, digests, preferences, subscriptions, bounces.

-- Each person's inbox. A row is shown only while its event is visible to the
-- person; waiting says that a daily digest shall still name it.
CREATE TABLE notice (
  person_id   TEXT NOT NULL,
  seq         BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  kind        TEXT NOT NULL,
  class       TEXT NOT NULL,
  scope       TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id   TEXT NOT NULL,
  act         TEXT NOT NULL, -- what happened, where several events tell of it
  number      TEXT NOT NULL,
  title       TEXT NOT NULL,
  url         TEXT NOT NULL,
  waiting     INTEGER NOT NULL DEFAULT 0,
  read_at     BIGINT,
  PRIMARY KEY (person_id, seq)
);
-- What one act tells several audiences reaches a person once.
CREATE UNIQUE INDEX notice_once ON notice (person_id, act, at);
CREATE INDEX notice_unread ON notice (person_id, seq) WHERE read_at IS NULL;
CREATE INDEX notice_alarm ON notice (person_id, seq) WHERE read_at IS NULL AND class = 'alarm';
CREATE INDEX notice_here ON notice (person_id, url) WHERE read_at IS NULL;
CREATE INDEX notice_waiting ON notice (person_id, at) WHERE waiting = 1;
CREATE INDEX notice_at ON notice (at);

CREATE TABLE notice_preference (
  person_id TEXT NOT NULL,
  class     TEXT NOT NULL,
  mode      TEXT NOT NULL,
  PRIMARY KEY (person_id, class)
);

-- The last day, in the person's own time zone, that a digest was made for.
CREATE TABLE digest_day (
  person_id TEXT PRIMARY KEY,
  day       TEXT NOT NULL
);

-- How what events belong to is called: the number of a case or report.
CREATE TABLE scope_name (
  scope  TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  url    TEXT NOT NULL
);

-- Addresses that asked for a mail at each public release.
CREATE TABLE subscriber_mail (
  id           TEXT PRIMARY KEY,
  address      TEXT NOT NULL UNIQUE,
  state        TEXT NOT NULL,
  asked_at     BIGINT NOT NULL,
  confirmed_at BIGINT,
  ended_at     BIGINT
);
CREATE INDEX subscriber_mail_state ON subscriber_mail (state, id);

-- A public release whose mails to subscribers are being put out; after is the
-- last subscriber who has theirs.
CREATE TABLE mailing (
  seq     BIGINT PRIMARY KEY,
  number  TEXT NOT NULL,
  url     TEXT NOT NULL,
  updated INTEGER NOT NULL, -- a later revision of what was out before
  after   TEXT NOT NULL
);

-- Mail that came back.
CREATE TABLE bounce (
  id        TEXT PRIMARY KEY,
  item_id   TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL,
  address   TEXT NOT NULL,
  status    TEXT NOT NULL,
  permanent INTEGER NOT NULL,
  text      TEXT NOT NULL,
  at        BIGINT NOT NULL
);
CREATE INDEX bounce_person ON bounce (person_id, at);
CREATE INDEX bounce_at ON bounce (at);

-- A mail that came back is looked for by its recipient.
CREATE INDEX outbox_address ON outbox (address, id);
