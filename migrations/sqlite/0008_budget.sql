-- The most that a cast may cost in all, over all its runs.
--
-- Reason: a limit of each run does not limit what a cast costs that many runs work on. The cast remembers its limit, so it need not
-- be given again, and holds for each run.

-- In the unit of the costs; absent where there is no such limit.
ALTER TABLE stored_casts ADD COLUMN budget INTEGER CHECK (budget >= 0);

DROP VIEW casts;

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
    m.cost_maybe / 1e12 AS cost_maybe,
    k.budget / 1e12 AS budget
FROM stored_casts k
JOIN recipes p ON p.id = k.recipe_id
JOIN z_cast_costs m ON m.cast_id = k.id;
