-- Looking into a cast: full text over names, descriptions and stories, and what each run has done.
--
-- Reason: searching is what people open the database for, and a run's speed is what tells when it will be done. Neither may
-- cost a run anything: the index is brought up to date by whoever searches, and the counts ride along with a row that each
-- commit writes anyway.

-- What the index holds of a character, as it was when it was indexed: what is taken out of a full-text index must be the same
-- as what went in.
CREATE TABLE search_documents (
    character_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    take INTEGER
) STRICT;

-- The indexed texts. Of a story that is longer than any reader's patience only the begin is indexed.
CREATE VIEW search_texts AS
SELECT d.character_id, d.name, d.description, substr(t.text, 1, 100000) AS story
FROM search_documents d
LEFT JOIN stored_takes t ON t.character_id = d.character_id AND t.take = d.take;

-- The index itself, without a copy of the texts: it reads them through the view.
CREATE VIRTUAL TABLE search USING fts5 (
    name, description, story,
    content = 'search_texts', content_rowid = 'character_id',
    tokenize = 'unicode61 remove_diacritics 2'
);

-- How far the index has come: characters and takes up to here are in it, but for those that changed since.
CREATE TABLE search_progress (
    character_id INTEGER NOT NULL,
    take_id INTEGER NOT NULL
) STRICT;

INSERT INTO search_progress (character_id, take_id) VALUES (0, 0);

-- Characters that were edited, or got another take that is not new, since they were indexed.
CREATE TABLE search_changed (
    character_id INTEGER PRIMARY KEY
) STRICT;

-- Characters that are not in the index as they stand now.
CREATE VIEW search_waiting AS
SELECT id AS character_id FROM stored_characters WHERE id > (SELECT character_id FROM search_progress)
UNION
SELECT character_id FROM stored_takes WHERE id > (SELECT take_id FROM search_progress)
UNION
SELECT character_id FROM search_changed;

-- What each run has done: requests that were written down and left, takes that they brought, and when it last wrote any of
-- this down, which is the end of a run that was killed.
ALTER TABLE runs ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN last_commit_ms INTEGER;

-- The last run of a cast.
CREATE INDEX runs_cast ON runs (cast_id);
