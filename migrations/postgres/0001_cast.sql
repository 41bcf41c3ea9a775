-- The whole cast on a server that several machines share: the tables and views that a database file has after all its migrations,
-- but for what would make workers wait for each other.
--
-- Reason: the first release of this store. What differs from the database file:
--
-- * No row that every commit changes. What a run adds to the counts and costs of its cast is kept in the run's own row, and readers
--   add it up (`z_cast_counts`). The row of the cast has the rest: what the import counted, and what changes by hand.
-- * A run is alive until its lease ends, by the clock of the server. There is no lock.
-- * `columns` and `flags` are texts here, because `jsonb` sorts keys and drops repeated ones; the views show them as `jsonb`.
-- * Texts compare byte by byte, as in the database file, whatever the language of the server is.
-- * The index of the search has no triggers: which characters it has to learn is found by comparing (`z_search_waiting`).
--
-- The program runs this in one transaction, with the schema `backstory` first in the search path. Times are milliseconds since 1970
-- in UTC; the views show them as ISO 8601. What others build on are the views `results, takes, attempts, failures, casts, alike`; the tables
-- may change with a later migration.

-- Which database this is: what was rescued from one is never imported into another.
CREATE TABLE identity (
    id text NOT NULL
);

INSERT INTO identity (id) VALUES (replace(gen_random_uuid()::text, '-', ''));

-- The time now, by the clock that all workers share.
CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- A time as ISO 8601, with milliseconds.
CREATE FUNCTION iso(ms bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(timestamp '1970-01-01' + ms * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- An endpoint with one key. Its limits are the service's, so they hold for all workers that use it.
CREATE TABLE endpoints (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text COLLATE "C" NOT NULL,
    -- A keyed hash of the key, never the key; empty where there is none.
    key_hash bytea NOT NULL DEFAULT '',
    -- The pace: nanoseconds since 1970 at which the next request may start (GCRA).
    next_start_ns bigint NOT NULL DEFAULT 0,
    -- The last start of a request, for messages.
    last_start_ms bigint NOT NULL DEFAULT 0,
    -- The service asked to wait: no request before this moment, and why.
    paused_until_ms bigint NOT NULL DEFAULT 0,
    pause_reason text COLLATE "C",
    -- The one run that may send a test request after a pause.
    probe_run_id bigint,
    -- The quota of the key is used up: every worker with this key that began before this moment stops.
    halted_ms bigint,
    halt_reason text COLLATE "C",
    UNIQUE (address, key_hash),
    CHECK ((halted_ms IS NULL) = (halt_reason IS NULL))
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

CREATE TABLE recipes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint bytea NOT NULL UNIQUE,
    provider text COLLATE "C" NOT NULL,
    model text COLLATE "C",
    describe text COLLATE "C" NOT NULL CHECK (describe IN ('column', 'template')),
    describe_text text COLLATE "C" NOT NULL,
    prompt text COLLATE "C",
    -- A JSON object with its keys in order; absent where there are no further fields.
    fields text COLLATE "C" CHECK (fields IS NULL OR fields::json IS NOT NULL)
);

CREATE TABLE stored_casts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    created_ms bigint NOT NULL,
    recipe_id bigint NOT NULL REFERENCES recipes (id),
    -- The names of the sheet's columns in their order, as a JSON array.
    header text COLLATE "C" NOT NULL CHECK (header::json IS NOT NULL),
    -- The column that identifies the rows, where there is one.
    key_column text COLLATE "C",
    -- What the last run used, for the next one that does not say: a JSON object.
    memory text COLLATE "C" NOT NULL DEFAULT '{}' CHECK (memory::json IS NOT NULL),
    -- The digest of the sheet that the cast was last imported from; absent where it is not known.
    sheet_digest bytea CHECK (length(sheet_digest) = 32),
    -- The most that the cast may cost in all, in the unit of the costs; absent where there is no such limit.
    budget bigint CHECK (budget >= 0),
    -- Counts of characters that are not gone, without what runs have changed since; the view `z_cast_counts` has the totals.
    -- Those in flight are pending here. The import, and changes by hand, write these.
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    pending bigint NOT NULL DEFAULT 0,
    gone bigint NOT NULL DEFAULT 0,
    flagged bigint NOT NULL DEFAULT 0,
    -- Requests, costs and times that are in the row of no run, such as those of a cast that was copied from another database.
    requests bigint NOT NULL DEFAULT 0,
    maybe_charged bigint NOT NULL DEFAULT 0,
    cost bigint,
    cost_maybe bigint,
    oldest_ms bigint,
    newest_ms bigint
) WITH (fillfactor = 50);

CREATE TABLE runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cast_id bigint NOT NULL REFERENCES stored_casts (id) ON DELETE CASCADE,
    recipe_id bigint NOT NULL REFERENCES recipes (id),
    endpoint_id bigint NOT NULL REFERENCES endpoints (id),
    version text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    pid bigint NOT NULL,
    started_ms bigint NOT NULL,
    -- The lease: the run counts as live up to this moment and renews it with each commit; a killed one stops doing so.
    alive_until_ms bigint NOT NULL,
    last_commit_ms bigint,
    -- The number of its last group. After a COMMIT without an answer it says whether that group was stored.
    last_group bigint NOT NULL DEFAULT 0,
    ended_ms bigint,
    exit bigint,
    -- Its limits. Where live workers of an endpoint have different ones, the lowest counts. No gap: no limit of pace.
    gap_ns bigint CHECK (gap_ns > 0),
    concurrency bigint CHECK (concurrency > 0),
    -- How many requests it may have in flight: its part of the lowest concurrency. And how many it could use.
    slots bigint NOT NULL DEFAULT 0 CHECK (slots >= 0),
    slots_wanted bigint NOT NULL DEFAULT 0 CHECK (slots_wanted >= 0),
    in_flight bigint NOT NULL DEFAULT 0 CHECK (in_flight >= 0),
    -- Its part of the cast's budget that is neither spent nor given back.
    budget_reserved bigint NOT NULL DEFAULT 0 CHECK (budget_reserved >= 0),
    -- What it did: requests that were written down and left, and takes that they brought.
    requests bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    -- What it changed in the counts and costs of its cast.
    cast_done bigint NOT NULL DEFAULT 0,
    cast_failed bigint NOT NULL DEFAULT 0,
    cast_pending bigint NOT NULL DEFAULT 0,
    cast_flagged bigint NOT NULL DEFAULT 0,
    maybe_charged bigint NOT NULL DEFAULT 0,
    cost bigint,
    cost_maybe bigint,
    oldest_ms bigint,
    newest_ms bigint,
    -- Which processes this one can see: a worker of the same place that no longer exists is dead before its lease ends. Empty where
    -- that is not known.
    place text COLLATE "C" NOT NULL DEFAULT '',
    -- Its lease has ended before, and what it had in flight was interrupted; results of that may still come.
    was_recovered boolean NOT NULL DEFAULT false,
    -- A run that ended by itself says with which code.
    CHECK (exit IS NULL OR ended_ms IS NOT NULL)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE INDEX runs_open ON runs (endpoint_id) WHERE ended_ms IS NULL;
CREATE INDEX runs_cast ON runs (cast_id);

CREATE TABLE stored_characters (
    id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000) PRIMARY KEY,
    cast_id bigint NOT NULL REFERENCES stored_casts (id) ON DELETE CASCADE,
    -- The place in the sheet, from 1; of a gone character its last one.
    row bigint NOT NULL,
    key text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    -- All cells by the name of their column, as a JSON object, in the order of the sheet.
    columns text COLLATE "C" NOT NULL,
    -- The digest of name and description by which rows and takes are recognised.
    content bytea NOT NULL,
    status text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'failed')),
    gone boolean NOT NULL DEFAULT false,
    -- Rises with each claim; a result under an old number does not change the state. It is the number of the last attempt, too.
    claim bigint NOT NULL DEFAULT 0,
    -- Tries used since the character became pending.
    tries bigint NOT NULL DEFAULT 0,
    -- Takes so far, and the current one.
    takes bigint NOT NULL DEFAULT 0,
    take bigint,
    -- The take was chosen by a person: a newer one does not replace it.
    picked boolean NOT NULL DEFAULT false,
    -- It was given a story while its request is in flight: it becomes done when the request ends, however that ends.
    is_answered boolean NOT NULL DEFAULT false,
    -- The flags of the current take that are not dismissed, and whether it is stale.
    flags bigint NOT NULL DEFAULT 0,
    -- All flags that were dismissed for any take of the character, as in the database file.
    dismissed bigint NOT NULL DEFAULT 0,
    -- The run that has it in flight; of a pending character, the run that will try it again. No other run claims it meanwhile.
    run_id bigint REFERENCES runs (id),
    error_kind text COLLATE "C",
    error text COLLATE "C",
    -- Each state has exactly the columns that make it true.
    CHECK (status <> 'running' OR run_id IS NOT NULL),
    CHECK ((status = 'failed') = (error_kind IS NOT NULL)),
    CHECK (status <> 'done' OR take IS NOT NULL),
    CHECK (take IS NULL OR take BETWEEN 1 AND takes)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- The sheet's order, for lists and exports.
CREATE INDEX characters_row ON stored_characters (cast_id, row);
-- The next ones to claim.
CREATE INDEX characters_pending ON stored_characters (cast_id, row) WHERE status = 'pending' AND NOT gone AND run_id IS NULL;
-- What a run holds. The condition is the one that a look-up by `run_id` implies.
CREATE INDEX characters_running ON stored_characters (run_id, status, row) WHERE run_id IS NOT NULL;
CREATE INDEX characters_failed ON stored_characters (cast_id, row) WHERE status = 'failed';
CREATE UNIQUE INDEX characters_key ON stored_characters (cast_id, key) WHERE key IS NOT NULL;

CREATE TABLE stored_takes (
    id bigint GENERATED ALWAYS AS IDENTITY (CACHE 100) PRIMARY KEY,
    character_id bigint NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    take bigint NOT NULL CHECK (take >= 1),
    text text COLLATE "C" NOT NULL CHECK (text <> ''),
    words bigint NOT NULL,
    flags bigint NOT NULL DEFAULT 0,
    -- Flags that need the whole cast. Each review replaces them. They count only while the take is the current one.
    review_flags bigint NOT NULL DEFAULT 0,
    -- Flags that the user dismissed for this take: they are not shown any more, also when a review finds them again.
    dismissed bigint NOT NULL DEFAULT 0,
    -- What it was made from. A take by hand has no recipe.
    content bytea NOT NULL,
    recipe_id bigint REFERENCES recipes (id),
    provider text COLLATE "C" NOT NULL,
    model text COLLATE "C",
    endpoint text COLLATE "C",
    -- The attempt that brought it.
    attempt bigint,
    -- The take of another character with the same content, where this is a copy: a story is not bought twice.
    copied_from bigint REFERENCES stored_takes (id) ON DELETE SET NULL,
    -- Whether a person picked it for the content that it was made from; at most one take of each content.
    picked boolean NOT NULL DEFAULT false,
    finished_ms bigint NOT NULL,
    UNIQUE (character_id, take)
);

CREATE INDEX takes_copied ON stored_takes (copied_from) WHERE copied_from IS NOT NULL;
-- The stories that were finished last.
CREATE INDEX takes_finished ON stored_takes (finished_ms);

CREATE TABLE stored_attempts (
    character_id bigint NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    attempt bigint NOT NULL,
    -- No reference to `runs`: deleting a run would read all attempts.
    run_id bigint NOT NULL,
    started_ms bigint NOT NULL,
    -- Absent until the attempt is settled; the row is written before the request leaves.
    outcome text COLLATE "C" CHECK (outcome IN
        ('ok', 'not_sent', 'wait', 'refused_row', 'refused_run', 'unknown', 'bad_text', 'interrupted')),
    http_status bigint,
    error text COLLATE "C",
    first_text_ms bigint,
    ended_ms bigint,
    bytes bigint,
    tokens_in bigint,
    tokens_out bigint,
    -- What had arrived of a story that did not become a take.
    partial text COLLATE "C",
    -- A millionth of a millionth of the unit of the prices. While a request is in flight `cost` is absent and `cost_maybe` the most
    -- that it may cost.
    cost bigint,
    cost_maybe bigint,
    PRIMARY KEY (character_id, attempt),
    CHECK ((outcome IS NULL) = (ended_ms IS NULL)),
    CHECK (outcome <> 'ok' OR error IS NULL)
) WITH (fillfactor = 80);

-- Stories are longer than a row may be, so they are compressed: quickly, where the server can.
DO $$
BEGIN
    ALTER TABLE stored_takes ALTER COLUMN text SET COMPRESSION lz4;
    ALTER TABLE stored_attempts ALTER COLUMN partial SET COMPRESSION lz4;
    ALTER TABLE stored_characters ALTER COLUMN description SET COMPRESSION lz4;
    ALTER TABLE stored_characters ALTER COLUMN columns SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

-- The words of a set of flags, as a JSON array: the bits are those of the program's flags.
CREATE FUNCTION flag_words(bits bigint) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT CASE WHEN bits = 0 THEN '[]' ELSE '[' || concat_ws(',',
        CASE WHEN bits & 1 <> 0 THEN '"unfinished"' END,
        CASE WHEN bits & 2 <> 0 THEN '"unproven"' END,
        CASE WHEN bits & 4 <> 0 THEN '"bad_utf8"' END,
        CASE WHEN bits & 8 <> 0 THEN '"ignored_lines"' END,
        CASE WHEN bits & 16 <> 0 THEN '"abrupt"' END,
        CASE WHEN bits & 32 <> 0 THEN '"long"' END,
        CASE WHEN bits & 64 <> 0 THEN '"stale"' END,
        CASE WHEN bits & 128 <> 0 THEN '"refusal"' END,
        CASE WHEN bits & 256 <> 0 THEN '"meta"' END,
        CASE WHEN bits & 512 <> 0 THEN '"thoughts"' END,
        CASE WHEN bits & 1024 <> 0 THEN '"placeholder"' END,
        CASE WHEN bits & 2048 <> 0 THEN '"echo"' END,
        CASE WHEN bits & 4096 <> 0 THEN '"unnamed"' END,
        CASE WHEN bits & 8192 <> 0 THEN '"person"' END,
        CASE WHEN bits & 16384 <> 0 THEN '"language"' END,
        CASE WHEN bits & 32768 <> 0 THEN '"mojibake"' END,
        CASE WHEN bits & 65536 <> 0 THEN '"loop"' END,
        CASE WHEN bits & 131072 <> 0 THEN '"odd_length"' END,
        CASE WHEN bits & 262144 <> 0 THEN '"alike"' END,
        CASE WHEN bits & 524288 <> 0 THEN '"same_opening"' END,
        CASE WHEN bits & 1048576 <> 0 THEN '"borrowed"' END
    ) || ']' END
$$;

-- Stories that share much of their wording, as the last review found them: each pair once in each direction.
CREATE TABLE alike_takes (
    character_id bigint NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    take bigint NOT NULL,
    other_id bigint NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    other_take bigint NOT NULL,
    -- Which part of the shorter story is in the other one.
    similarity float8 NOT NULL CHECK (similarity BETWEEN 0 AND 1),
    PRIMARY KEY (character_id, other_id)
);

CREATE INDEX alike_other ON alike_takes (other_id);

-- The index of the search. The program cuts texts into words and folds them, so that both kinds of database find the same.
CREATE TABLE search_documents (
    character_id bigint PRIMARY KEY REFERENCES stored_characters (id) ON DELETE CASCADE,
    -- What was indexed: the take, and the digest of name and description.
    take bigint,
    content bytea NOT NULL,
    words tsvector NOT NULL
);

CREATE INDEX search_words ON search_documents USING gin (words);

-- Runs that are alive: a killed one stops renewing its lease.
CREATE VIEW z_live_runs AS
SELECT id, cast_id, endpoint_id, host, pid, started_ms, alive_until_ms
FROM runs
WHERE ended_ms IS NULL AND alive_until_ms > now_ms();

-- One row a character, in the state that counts now: running only while a live run holds it. With its identity, which
-- `results` leaves out.
CREATE VIEW z_known_characters AS
SELECT
    c.id,
    c.cast_id,
    k.name AS cast_name,
    c.key,
    c.row,
    c.name,
    c.description,
    c.columns,
    CASE
        WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending'
        ELSE c.status
    END AS status,
    c.gone::int AS gone,
    t.text AS backstory,
    c.take,
    t.words,
    (
        SELECT count(*) FROM stored_attempts a WHERE a.character_id = c.id AND a.outcome IS DISTINCT FROM 'not_sent'
    ) AS requests,
    flag_words(c.flags) AS flags,
    c.error_kind,
    c.error,
    t.provider,
    t.model,
    iso(t.finished_ms) AS finished_at
FROM stored_characters c
JOIN stored_casts k ON k.id = c.cast_id
LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take;

-- One row a character.
CREATE VIEW results AS
SELECT
    cast_name, key, row, name, description, columns::jsonb AS columns, status, gone, backstory, take, words, requests,
    flags::jsonb AS flags, error_kind, error, provider, model, finished_at
FROM z_known_characters;

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
    flag_words(f.shown)::jsonb AS flags,
    t.provider,
    t.model,
    t.endpoint,
    iso(t.finished_ms) AS finished_at,
    (t.take = c.take)::int AS current
FROM stored_takes t
JOIN stored_characters c ON c.id = t.character_id
JOIN stored_casts k ON k.id = c.cast_id
CROSS JOIN LATERAL (
    SELECT (t.flags | CASE WHEN t.take = c.take THEN t.review_flags ELSE 0 END) & ~t.dismissed AS shown
) f;

-- Pairs of current stories that share much of their wording, each seen from both sides; without stories whose `alike` was dismissed.
CREATE VIEW alike AS
SELECT
    k.name AS cast_name,
    c.row,
    c.name,
    o.row AS other_row,
    o.name AS other_name,
    a.similarity
FROM alike_takes a
JOIN stored_characters c ON c.id = a.character_id AND c.take = a.take
JOIN stored_characters o ON o.id = a.other_id AND o.take = a.other_take
JOIN stored_casts k ON k.id = c.cast_id
WHERE NOT c.gone AND NOT o.gone AND c.flags & 262144 <> 0;

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
    iso(a.started_ms) AS started_at,
    a.first_text_ms,
    iso(a.ended_ms) AS ended_at,
    a.bytes,
    a.tokens_in,
    a.tokens_out,
    a.partial,
    a.cost / 1e12::float8 AS cost,
    a.cost_maybe / 1e12::float8 AS cost_maybe
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
    iso(a.ended_ms) AS failed_at
FROM stored_characters c
JOIN stored_casts k ON k.id = c.cast_id
LEFT JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
WHERE c.status = 'failed' AND NOT c.gone;

-- The counts and costs of each cast: those of its own row, what its runs have changed, and what requests of dead runs may have cost
-- that no run has settled yet.
CREATE VIEW z_cast_counts AS
SELECT
    k.id AS cast_id,
    k.done + r.done AS done,
    k.failed + r.failed AS failed,
    k.pending + r.pending - h.live AS pending,
    h.live AS running,
    k.gone,
    k.flagged + r.flagged AS flagged,
    k.requests + r.requests AS requests,
    k.maybe_charged + r.maybe_charged + h.dead AS maybe_charged,
    least(k.oldest_ms, r.oldest_ms) AS oldest_ms,
    greatest(k.newest_ms, r.newest_ms) AS newest_ms,
    CASE WHEN coalesce(k.cost, r.cost, h.lost) IS NOT NULL THEN coalesce(k.cost, 0) + coalesce(r.cost, 0) END AS cost,
    CASE
        WHEN coalesce(k.cost_maybe, r.cost_maybe, h.lost) IS NOT NULL
        THEN coalesce(k.cost_maybe, 0) + coalesce(r.cost_maybe, 0) + coalesce(h.lost, 0)
    END AS cost_maybe
FROM stored_casts k
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(cast_done), 0)::bigint AS done,
        coalesce(sum(cast_failed), 0)::bigint AS failed,
        coalesce(sum(cast_pending), 0)::bigint AS pending,
        coalesce(sum(cast_flagged), 0)::bigint AS flagged,
        coalesce(sum(requests), 0)::bigint AS requests,
        coalesce(sum(maybe_charged), 0)::bigint AS maybe_charged,
        min(oldest_ms) AS oldest_ms,
        max(newest_ms) AS newest_ms,
        sum(cost)::bigint AS cost,
        sum(cost_maybe)::bigint AS cost_maybe
    FROM runs WHERE cast_id = k.id
) r
CROSS JOIN LATERAL (
    -- From the runs to what they hold: few rows, whatever the size of the cast.
    SELECT
        count(*) FILTER (WHERE o.is_live AND NOT c.gone) AS live,
        count(*) FILTER (WHERE NOT o.is_live) AS dead,
        (sum(a.cost_maybe) FILTER (WHERE NOT o.is_live))::bigint AS lost
    FROM (SELECT id, cast_id, ended_ms IS NULL AND alive_until_ms > now_ms() AS is_live FROM runs) o
    JOIN stored_characters c ON c.run_id = o.id AND c.status = 'running'
    LEFT JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
    WHERE o.cast_id = k.id
) h;

-- One row a cast, with its counts; gone characters stand only in `gone`.
CREATE VIEW casts AS
SELECT
    k.name AS cast_name,
    n.done + n.failed + n.pending + n.running AS total,
    n.done,
    n.failed,
    n.pending,
    n.running,
    n.gone,
    n.requests,
    n.maybe_charged,
    n.flagged,
    iso(n.oldest_ms) AS oldest,
    iso(n.newest_ms) AS newest,
    k.header::jsonb AS columns,
    p.provider,
    p.model,
    iso(k.created_ms) AS created_at,
    n.cost / 1e12::float8 AS cost,
    n.cost_maybe / 1e12::float8 AS cost_maybe,
    k.budget / 1e12::float8 AS budget
FROM stored_casts k
JOIN recipes p ON p.id = k.recipe_id
JOIN z_cast_counts n ON n.cast_id = k.id;

-- Characters that are not in the index of the search as they stand now.
CREATE VIEW z_search_waiting AS
SELECT c.id AS character_id
FROM stored_characters c
LEFT JOIN search_documents d ON d.character_id = c.id
WHERE d.character_id IS NULL OR d.take IS DISTINCT FROM c.take OR d.content <> c.content;
