-- What a cast has cost, as far as that is known.
--
-- Reason: people who pay by the token want to know what they paid, and what they may have paid for nothing. The sums ride along
-- with the counts of the cast, so that nobody has to add up a million attempts; what a request may cost at most is written down
-- before it leaves, so that a killed run leaves no hole in the account.
--
-- Amounts are integers: a millionth of a millionth of the unit of whatever currency the prices were in. Absent: no price was
-- ever given.

ALTER TABLE stored_casts ADD COLUMN cost INTEGER;
ALTER TABLE stored_casts ADD COLUMN cost_maybe INTEGER;

-- While a request is in flight `cost` is absent and `cost_maybe` the most that it may cost.
ALTER TABLE stored_attempts ADD COLUMN cost INTEGER;
ALTER TABLE stored_attempts ADD COLUMN cost_maybe INTEGER;

-- The sums of each cast, with what the requests of dead runs may have cost that no run has settled yet.
CREATE VIEW cast_costs AS
SELECT
    id AS cast_id,
    coalesce(cost, 0 * lost) AS cost,
    coalesce(cost_maybe + lost, cost_maybe, lost) AS cost_maybe
FROM (
    SELECT k.id, k.cost, k.cost_maybe, (
        SELECT sum(a.cost_maybe)
        FROM stored_characters c JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
        -- The plus keeps the planner from the cast's index, which holds a million rows where this one holds a few.
        WHERE c.status = 'running' AND +c.cast_id = k.id AND c.run_id NOT IN (SELECT id FROM live_runs)
    ) AS lost
    FROM stored_casts k
);

DROP VIEW attempts;

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
    a.partial,
    a.cost / 1e12 AS cost,
    a.cost_maybe / 1e12 AS cost_maybe
FROM stored_attempts a
JOIN stored_characters c ON c.id = a.character_id
JOIN stored_casts k ON k.id = c.cast_id;

DROP VIEW casts;

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
        -- As above.
        WHERE c.status = 'running' AND +c.cast_id = k.id AND c.run_id NOT IN (SELECT id FROM live_runs)
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
JOIN cast_costs m ON m.cast_id = k.id;
