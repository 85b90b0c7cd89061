-- Threads, messages with their earlier wordings, files, and who read how far.

-- participant_id: whose private or finder's thread it is, or whose product.
CREATE TABLE thread (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  kind           TEXT NOT NULL,
  participant_id TEXT NOT NULL DEFAULT '',
  product_id     TEXT NOT NULL DEFAULT '',
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  title          TEXT NOT NULL,
  last_seq       BIGINT NOT NULL DEFAULT 0,
  opened_at      BIGINT NOT NULL,
  UNIQUE (case_id, kind, participant_id, product_id)
);

-- seq orders the messages of a thread and never leaves the server: its gaps
-- would tell of messages one may not see. named is set when the message has
-- an audience of its own, of named persons.
CREATE TABLE message (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  thread_id      TEXT NOT NULL REFERENCES thread(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  named          INTEGER NOT NULL DEFAULT 0,
  seq            BIGINT NOT NULL,
  author_kind    TEXT NOT NULL,
  author_id      TEXT NOT NULL,
  party_id       TEXT NOT NULL DEFAULT '',
  party_name     TEXT NOT NULL DEFAULT '',
  coordinates    INTEGER NOT NULL DEFAULT 0,
  body           TEXT NOT NULL,
  reply_to       TEXT NOT NULL DEFAULT '',
  mentions       TEXT NOT NULL DEFAULT '',
  ask_of         TEXT NOT NULL DEFAULT '',
  ask_by         BIGINT,
  answered_at    BIGINT,
  answer_id      TEXT NOT NULL DEFAULT '',
  client_key     TEXT NOT NULL DEFAULT '',
  client_sum     TEXT NOT NULL DEFAULT '',
  version        BIGINT NOT NULL DEFAULT 1,
  posted_at      BIGINT NOT NULL,
  edited_at      BIGINT,
  editor_kind    TEXT NOT NULL DEFAULT '',
  editor_id      TEXT NOT NULL DEFAULT '',
  edit_reason    TEXT NOT NULL DEFAULT '',
  retracted_at   BIGINT,
  retracted_by   TEXT NOT NULL DEFAULT '',
  retract_reason TEXT NOT NULL DEFAULT '',
  UNIQUE (thread_id, seq)
);
CREATE INDEX message_case ON message (case_id, thread_id, seq);
CREATE UNIQUE INDEX message_client ON message (author_kind, author_id, client_key) WHERE client_key <> '';
CREATE INDEX message_asked ON message (ask_of) WHERE ask_of <> '' AND answered_at IS NULL;

-- An earlier wording. Its marking is that of the message now.
CREATE TABLE message_version (
  id          TEXT PRIMARY KEY,
  message_id  TEXT NOT NULL REFERENCES message(id),
  version     BIGINT NOT NULL,
  body        TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  editor_kind TEXT NOT NULL,
  editor_id   TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  at          BIGINT NOT NULL,
  UNIQUE (message_id, version)
);

-- A file handed over in a thread, with a message or by itself. The content
-- lies in the blob store under its hash.
CREATE TABLE file (
  id            TEXT PRIMARY KEY,
  case_id       TEXT NOT NULL REFERENCES cases(id),
  thread_id     TEXT NOT NULL REFERENCES thread(id),
  message_id    TEXT NOT NULL DEFAULT '',
  audience_id   TEXT NOT NULL REFERENCES audience(id),
  tlp           INTEGER NOT NULL,
  named         INTEGER NOT NULL DEFAULT 0,
  name          TEXT NOT NULL,
  declared      TEXT NOT NULL DEFAULT '',
  media_type    TEXT NOT NULL,
  lies          INTEGER NOT NULL DEFAULT 0,
  size          BIGINT NOT NULL,
  sha256        TEXT NOT NULL,
  uploader_kind TEXT NOT NULL,
  uploader_id   TEXT NOT NULL,
  party_id      TEXT NOT NULL DEFAULT '',
  party_name    TEXT NOT NULL DEFAULT '',
  coordinates   INTEGER NOT NULL DEFAULT 0,
  added_at      BIGINT NOT NULL,
  removed_at    BIGINT
);
CREATE INDEX file_case ON file (case_id, added_at);
CREATE INDEX file_message ON file (message_id);
CREATE INDEX file_sha256 ON file (sha256);

CREATE TABLE thread_mark (
  reader_kind TEXT NOT NULL,
  reader_id   TEXT NOT NULL,
  thread_id   TEXT NOT NULL REFERENCES thread(id),
  seq         BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (reader_kind, reader_id, thread_id)
);
