-- Further fields of requests as a part of the recipe, and the helper views behind the documented ones.
--
-- Reason: fields such as `temperature` shape the text, so two recipes that differ in them are two recipes. And whoever opens the
-- database in a browser for databases sees its views in the order of their names: `attempts`, `casts`, `failures`, `results` and
-- `takes` are what others build on, so the helpers get names that sort behind them.

-- A JSON object with its keys in order; absent where there are no further fields.
ALTER TABLE recipes ADD COLUMN fields TEXT CHECK (fields IS NULL OR json_valid(fields));

DROP VIEW casts;
DROP VIEW cast_costs;
DROP VIEW results;
DROP VIEW known_characters;
DROP VIEW live_runs;
DROP VIEW search_waiting;

-- Runs that are alive: a killed one stops renewing its time.
CREATE VIEW z_live_runs AS
SELECT id, cast_id, host, pid, started_ms
FROM runs
WHERE ended_ms IS NULL AND alive_until_ms > (julianday('now') - 2440587.5) * 86400000.0;

-- One row a character, in the state that counts now: running only while a live run holds it. With its identity, which
-- `results` leaves out.
CREATE VIEW z_known_characters AS
SELECT
    c.id,
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
FROM z_known_characters;

-- The sums of each cast, with what the requests of dead runs may have cost that no run has settled yet.
CREATE VIEW z_cast_costs AS
SELECT
    id AS cast_id,
    coalesce(cost, 0 * lost) AS cost,
    coalesce(cost_maybe + lost, cost_maybe, lost) AS cost_maybe
FROM (
    SELECT k.id, k.cost, k.cost_maybe, (
        SELECT sum(a.cost_maybe)
        FROM stored_characters c JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
        -- The plus keeps the planner from the cast's index, which holds a million rows where this one holds a few.
        WHERE c.status = 'running' AND +c.cast_id = k.id AND c.run_id NOT IN (SELECT id FROM z_live_runs)
    ) AS lost
    FROM stored_casts k
);

-- One row a cast, with its counts; gone characters stand only in `gone`.
CREATE VIEW casts AS
SELECT
    k.name AS cast_name,
    k.done + k.failed + k.pending AS total,
    k.done,
    k.failed,
    k.pending - (
        SELECT count(*) FROM stored_characters c JOIN z_live_runs r ON r.id = c.run_id
        WHERE c.status = 'running' AND r.cast_id = k.id
    ) AS pending,
    (
        SELECT count(*) FROM stored_characters c JOIN z_live_runs r ON r.id = c.run_id
        WHERE c.status = 'running' AND r.cast_id = k.id
    ) AS running,
    k.gone,
    k.requests,
    k.maybe_charged + (
        SELECT count(*) FROM stored_characters c
        -- The plus keeps the planner from the cast's index, which holds a million rows where this one holds a few.
        WHERE c.status = 'running' AND +c.cast_id = k.id AND c.run_id NOT IN (SELECT id FROM z_live_runs)
    ) AS maybe_charged,
    k.flagged,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.oldest_ms / 1000.0, 'unixepoch') AS oldest,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.newest_ms / 1000.0, 'unixepoch') AS newest,
    k.header AS columns,
    p.provider,
    p.model,
    strftime('%Y-%m-%dT%H:%M:%fZ', k.created_ms / 1000.0, 'unixepoch') AS created_at,
    m.cost / 1e12 AS cost,
    m.cost_maybe / 1e12 AS cost_maybe
FROM stored_casts k
JOIN recipes p ON p.id = k.recipe_id
JOIN z_cast_costs m ON m.cast_id = k.id;

-- Characters that are not in the index as they stand now.
CREATE VIEW z_search_waiting AS
SELECT id AS character_id FROM stored_characters WHERE id > (SELECT character_id FROM search_progress)
UNION
SELECT character_id FROM stored_takes WHERE id > (SELECT take_id FROM search_progress)
UNION
SELECT character_id FROM search_changed;
