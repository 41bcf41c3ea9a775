-- The whole cast: characters as their sheet has them, what was asked for them, and what came back.
--
-- Reason: the first release. Kept from the start, because a database lives longer than a program: every take and every
-- attempt, the recipe of each take, characters that left the sheet, and the number of each claim.
--
-- Times are milliseconds since 1970 in UTC; the views show them as ISO 8601. What others build on are the views; the tables
-- may change with a later migration.

-- Marks the file as ours (`bcks`), together with the tables or not at all.
PRAGMA application_id = 1650682739;

-- Which database this is: what was rescued from one is never taken into another.
CREATE TABLE identity (
    id TEXT NOT NULL
) STRICT;

INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));

CREATE TABLE endpoints (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    -- The last start of a request: the pace holds across restarts.
    last_start_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE recipes (
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    model TEXT,
    describe TEXT NOT NULL CHECK (describe IN ('column', 'template')),
    describe_text TEXT NOT NULL,
    prompt TEXT
) STRICT;

CREATE TABLE stored_casts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    recipe_id INTEGER NOT NULL REFERENCES recipes (id),
    -- The names of the sheet's columns in their order, as a JSON array.
    header TEXT NOT NULL CHECK (json_valid(header)),
    -- The column that identifies the rows, where there is one.
    key_column TEXT,
    -- What the last run used, for the next one that does not say: a JSON object.
    memory TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(memory)),
    -- Counts of characters that are not gone, so that nobody has to count a million rows. Those in flight are pending here.
    done INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    flagged INTEGER NOT NULL DEFAULT 0,
    -- Attempts written and not known as unsent, and those that nobody can say were not charged.
    requests INTEGER NOT NULL DEFAULT 0,
    maybe_charged INTEGER NOT NULL DEFAULT 0,
    oldest_ms INTEGER,
    newest_ms INTEGER
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    cast_id INTEGER NOT NULL REFERENCES stored_casts (id) ON DELETE CASCADE,
    recipe_id INTEGER NOT NULL REFERENCES recipes (id),
    endpoint_id INTEGER NOT NULL REFERENCES endpoints (id),
    version TEXT NOT NULL,
    -- Who runs, to be named to a second one that wants to.
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    -- The run counts as live up to this moment and renews it; a killed one stops doing so.
    alive_until_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    exit INTEGER,
    -- A run that ended by itself says with which code.
    CHECK (exit IS NULL OR ended_ms IS NOT NULL)
) STRICT;

CREATE INDEX runs_open ON runs (alive_until_ms) WHERE ended_ms IS NULL;

CREATE TABLE stored_characters (
    id INTEGER PRIMARY KEY,
    cast_id INTEGER NOT NULL REFERENCES stored_casts (id) ON DELETE CASCADE,
    -- The place in the sheet, from 1; of a gone character its last one.
    row INTEGER NOT NULL,
    key TEXT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- All cells by the name of their column, as a JSON object.
    columns TEXT NOT NULL,
    -- The digest of name and description by which rows and takes are recognised.
    content BLOB NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'failed')),
    gone INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
    -- Rises with each claim; settling with an old number changes nothing. It is the number of the last attempt, too.
    claim INTEGER NOT NULL DEFAULT 0,
    -- Tries used since the character became pending.
    tries INTEGER NOT NULL DEFAULT 0,
    -- Takes so far, and the one that counts.
    takes INTEGER NOT NULL DEFAULT 0,
    take INTEGER,
    -- The take was chosen by a person: a newer one does not replace it.
    picked INTEGER NOT NULL DEFAULT 0 CHECK (picked IN (0, 1)),
    -- The flags of the take that counts, and whether it is stale.
    flags INTEGER NOT NULL DEFAULT 0,
    run_id INTEGER REFERENCES runs (id),
    error_kind TEXT,
    error TEXT,
    -- Each state has exactly the columns that make it true.
    CHECK ((status = 'running') = (run_id IS NOT NULL)),
    CHECK ((status = 'failed') = (error_kind IS NOT NULL)),
    CHECK (status <> 'done' OR take IS NOT NULL),
    CHECK (take IS NULL OR take BETWEEN 1 AND takes)
) STRICT;

-- The sheet's order, for lists and exports.
CREATE INDEX characters_row ON stored_characters (cast_id, row);
-- Who is next.
CREATE INDEX characters_pending ON stored_characters (cast_id, row) WHERE status = 'pending' AND gone = 0;
-- Whom a run holds, so that a dead run's characters are found at once.
CREATE INDEX characters_running ON stored_characters (run_id) WHERE status = 'running';
CREATE INDEX characters_failed ON stored_characters (cast_id, row) WHERE status = 'failed';
CREATE UNIQUE INDEX characters_key ON stored_characters (cast_id, key) WHERE key IS NOT NULL;

-- Every change of a character keeps the counts of its cast; only the import, which inserts, adds them up itself.
CREATE TRIGGER characters_counted AFTER UPDATE OF status, gone, flags ON stored_characters
WHEN old.gone <> new.gone
    OR (old.flags <> 0) <> (new.flags <> 0)
    OR replace(old.status, 'running', 'pending') <> replace(new.status, 'running', 'pending')
BEGIN
    UPDATE stored_casts SET
        done = done + (new.gone = 0 AND new.status = 'done') - (old.gone = 0 AND old.status = 'done'),
        failed = failed + (new.gone = 0 AND new.status = 'failed') - (old.gone = 0 AND old.status = 'failed'),
        pending = pending + (new.gone = 0 AND new.status IN ('pending', 'running'))
            - (old.gone = 0 AND old.status IN ('pending', 'running')),
        gone = gone + new.gone - old.gone,
        flagged = flagged + (new.gone = 0 AND new.flags <> 0) - (old.gone = 0 AND old.flags <> 0)
    WHERE id = new.cast_id;
END;

CREATE TABLE stored_takes (
    id INTEGER PRIMARY KEY,
    character_id INTEGER NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    take INTEGER NOT NULL CHECK (take >= 1),
    text TEXT NOT NULL CHECK (text <> ''),
    words INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    -- What it was made from. A take by hand has no recipe.
    content BLOB NOT NULL,
    recipe_id INTEGER REFERENCES recipes (id),
    provider TEXT NOT NULL,
    model TEXT,
    endpoint TEXT,
    -- The attempt that brought it.
    attempt INTEGER,
    -- The take of another character with the same content, where this is a copy: a story is not bought twice.
    copied_from INTEGER REFERENCES stored_takes (id) ON DELETE SET NULL,
    finished_ms INTEGER NOT NULL,
    UNIQUE (character_id, take)
) STRICT;

CREATE INDEX takes_copied ON stored_takes (copied_from) WHERE copied_from IS NOT NULL;

CREATE TABLE stored_attempts (
    character_id INTEGER NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    started_ms INTEGER NOT NULL,
    -- Written before the request leaves; absent until the attempt is settled.
    outcome TEXT CHECK (outcome IN
        ('ok', 'not_sent', 'wait', 'refused_row', 'refused_run', 'unknown', 'bad_text', 'interrupted')),
    http_status INTEGER,
    error TEXT,
    first_text_ms INTEGER,
    ended_ms INTEGER,
    bytes INTEGER,
    tokens_in INTEGER,
    tokens_out INTEGER,
    -- What had arrived of a story that did not become a take.
    partial TEXT,
    PRIMARY KEY (character_id, attempt),
    CHECK ((outcome IS NULL) = (ended_ms IS NULL)),
    CHECK (outcome <> 'ok' OR error IS NULL)
) STRICT, WITHOUT ROWID;

-- The words of each set of flags, as a JSON array: the bits are those of the program's flags.
CREATE TABLE flag_sets (
    bits INTEGER PRIMARY KEY,
    words TEXT NOT NULL CHECK (json_valid(words))
) STRICT;

INSERT INTO flag_sets (bits, words)
WITH RECURSIVE
    flag (bit, word) AS (
        VALUES (1, 'unfinished'), (2, 'unproven'), (4, 'bad_utf8'), (8, 'ignored_lines'), (16, 'abrupt'), (32, 'long'),
            (64, 'stale')
    ),
    sets (bits) AS (SELECT 0 UNION ALL SELECT bits + 1 FROM sets WHERE bits < 127)
SELECT bits, (SELECT json_group_array(word) FROM (SELECT word FROM flag WHERE bits & bit ORDER BY bit)) FROM sets;

-- Runs that are alive: a killed one stops renewing its time.
CREATE VIEW live_runs AS
SELECT id, cast_id, host, pid, started_ms
FROM runs
WHERE ended_ms IS NULL AND alive_until_ms > (julianday('now') - 2440587.5) * 86400000.0;

-- One row a character, in the state that counts now: running only while a live run holds it. With its identity, which
-- `results` leaves out.
CREATE VIEW known_characters AS
SELECT
    c.id,
    k.name AS cast_name,
    c.key,
    c.row,
    c.name,
    c.description,
    c.columns,
    CASE
        WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM live_runs) THEN 'pending'
        ELSE c.status
    END AS status,
    c.gone,
    t.text AS backstory,
    c.take,
    t.words,
    (
        SELECT count(*) FROM stored_attempts a WHERE a.character_id = c.id AND a.outcome IS NOT 'not_sent'
    ) AS requests,
    f.words AS flags,
    c.error_kind,
    c.error,
    t.provider,
    t.model,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.finished_ms / 1000.0, 'unixepoch') AS finished_at
FROM stored_characters c
JOIN stored_casts k ON k.id = c.cast_id
JOIN flag_sets f ON f.bits = c.flags
LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take;

-- One row a character.
CREATE VIEW results AS
SELECT
    cast_name, key, row, name, description, columns, status, gone, backstory, take, words, requests, flags, error_kind, error,
    provider, model, finished_at
FROM known_characters;

-- All takes of all characters; `current` is 1 for the one that counts.
CREATE VIEW takes AS
SELECT
    t.character_id,
    k.name AS cast_name,
    c.key,
    c.row,
    c.name,
    t.take,
    t.text,
    t.words,
    f.words AS flags,
    t.provider,
    t.model,
    t.endpoint,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.finished_ms / 1000.0, 'unixepoch') AS finished_at,
    t.take = c.take AS current
FROM stored_takes t
JOIN stored_characters c ON c.id = t.character_id
JOIN stored_casts k ON k.id = c.cast_id
JOIN flag_sets f ON f.bits = t.flags;

-- All requests, written down before they were sent; one without an outcome is in flight, or was when its run was killed.
CREATE VIEW attempts AS
SELECT
    a.character_id,
    k.name AS cast_name,
    c.key,
    c.row,
    c.name,
    a.attempt,
    a.outcome,
    a.http_status,
    a.error,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.started_ms / 1000.0, 'unixepoch') AS started_at,
    a.first_text_ms,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_ms / 1000.0, 'unixepoch') AS ended_at,
    a.bytes,
    a.tokens_in,
    a.tokens_out,
    a.partial
FROM stored_attempts a
JOIN stored_characters c ON c.id = a.character_id
JOIN stored_casts k ON k.id = c.cast_id;

-- Characters that failed, with the last thing that happened.
CREATE VIEW failures AS
SELECT
    k.name AS cast_name,
    c.key,
    c.row,
    c.name,
    c.error_kind,
    c.error,
    a.http_status,
    c.tries,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_ms / 1000.0, 'unixepoch') AS failed_at
FROM stored_characters c
JOIN stored_casts k ON k.id = c.cast_id
LEFT JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
WHERE c.status = 'failed' AND c.gone = 0;

-- One row a cast, with its counts; gone characters stand only in `gone`.
CREATE VIEW casts AS
SELECT
    k.name AS cast_name,
    k.done + k.failed + k.pending AS total,
    k.done,
    k.failed,
    k.pending - (
        SELECT count(*) FROM stored_characters c JOIN live_runs r ON r.id = c.run_id
        WHERE c.status = 'running' AND r.cast_id = k.id
    ) AS pending,
    (
        SELECT count(*) FROM stored_characters c JOIN live_runs r ON r.id = c.run_id
        WHERE c.status = 'running' AND r.cast_id = k.id
    ) AS running,
    k.gone,
    k.requests,
    k.maybe_charged + (
        SELECT count(*) FROM stored_characters c
        -- The plus keeps the planner from the cast's index, which holds a million rows where this one holds a few.
        WHERE c.status = 'running' AND +c.cast_id = k.id AND c.run_id NOT IN (SELECT id FROM live_runs)
    ) AS maybe_charged,
    k.flagged,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.oldest_ms / 1000.0, 'unixepoch') AS oldest,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.newest_ms / 1000.0, 'unixepoch') AS newest,
    k.header AS columns,
    p.provider,
    p.model,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.created_ms / 1000.0, 'unixepoch') AS created_at
FROM stored_casts k
JOIN recipes p ON p.id = k.recipe_id;
