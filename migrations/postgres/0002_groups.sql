-- What a run does, as functions: a group of results and starts is one statement, so it costs one round trip.
--
-- Reason: the server is often far away, and several workers claim characters of one cast at the same time.
--
-- * A character is claimed with its attempt, in the order of the sheet. Workers skip what another one is claiming.
-- * A result counts only under its claim. If the lease of its run had ended meanwhile, it counts as usual if no run has claimed
--   the character since; otherwise its text becomes one more take.
-- * A run's row is locked before its characters, and the characters of several runs in the order of their identities, so that
--   workers do not wait for each other in a circle.
-- * Nothing here changes a row that all workers share: what changes in the counts of the cast is added to the run's own row.

-- Whether characters after a row are pending: those that no other run holds.
CREATE FUNCTION has_pending(p_run bigint, p_cast bigint, p_place bigint, p_only bigint[], p_except bigint[])
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_only IS NOT NULL THEN
        RETURN EXISTS (
            SELECT FROM stored_characters c
            WHERE c.id = ANY (p_only) AND c.cast_id = p_cast AND c.status = 'pending' AND NOT c.gone
                AND (c.run_id IS NULL OR c.run_id = p_run) AND c.row > p_place AND (p_except IS NULL OR c.id <> ALL (p_except))
        );
    END IF;
    RETURN EXISTS (
        SELECT FROM stored_characters c
        WHERE c.cast_id = p_cast AND c.status = 'pending' AND NOT c.gone AND c.run_id IS NULL AND c.row > p_place
            AND (p_except IS NULL OR c.id <> ALL (p_except))
    ) OR EXISTS (
        SELECT FROM stored_characters c
        WHERE c.run_id = p_run AND c.status = 'pending' AND NOT c.gone AND c.row > p_place
            AND (p_except IS NULL OR c.id <> ALL (p_except))
    );
END
$$;

-- Whether other runs hold characters of the cast, which may become pending again. A run whose lease has ended counts until what it
-- holds is free.
CREATE FUNCTION others_hold(p_run bigint, p_cast bigint, p_only bigint[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM runs r
        WHERE r.cast_id = p_cast AND r.id <> p_run AND r.ended_ms IS NULL AND EXISTS (
            SELECT FROM stored_characters c
            WHERE c.run_id = r.id AND c.status IN ('running', 'pending') AND NOT c.gone AND (p_only IS NULL OR c.id = ANY (p_only))
        )
    )
$$;

-- Frees all that these runs hold, and ends them: attempts in flight are interrupted, and their characters pending, or done
-- where they were given a story meanwhile. Returns how many
-- requests were in flight. The rows of the runs must be locked.
CREATE FUNCTION interrupt_runs(p_runs bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_interrupted bigint;
BEGIN
    WITH h AS MATERIALIZED (
        SELECT c.id, c.claim, c.status, c.run_id, c.is_answered, c.gone
        FROM stored_characters c WHERE c.run_id = ANY (p_runs) ORDER BY c.id FOR UPDATE
    ),
    c AS (
        UPDATE stored_characters c SET
            status = CASE WHEN c.status <> 'running' THEN c.status WHEN c.is_answered THEN 'done' ELSE 'pending' END,
            is_answered = false,
            run_id = NULL
        WHERE c.id = ANY (ARRAY(SELECT h.id FROM h))
    ),
    a AS (
        UPDATE stored_attempts a SET outcome = 'interrupted', error = 'the run ended while the request was in flight',
            ended_ms = greatest(now_ms(), a.started_ms)
        FROM h
        WHERE h.status = 'running' AND a.character_id = h.id AND a.attempt = h.claim AND a.outcome IS NULL
        RETURNING a.run_id, a.cost_maybe
    ),
    l AS (
        SELECT a.run_id, count(*) AS many, sum(a.cost_maybe)::bigint AS lost FROM a GROUP BY a.run_id
    ),
    d AS (
        SELECT h.run_id, count(*) AS many FROM h WHERE h.is_answered AND NOT h.gone GROUP BY h.run_id
    ),
    r AS (
        UPDATE runs r SET
            cast_done = r.cast_done + coalesce(d.many, 0),
            cast_pending = r.cast_pending - coalesce(d.many, 0),
            ended_ms = coalesce(r.ended_ms, now_ms()),
            was_recovered = r.was_recovered OR l.many IS NOT NULL,
            slots = 0,
            in_flight = 0,
            budget_reserved = 0,
            maybe_charged = r.maybe_charged + coalesce(l.many, 0),
            cost = CASE WHEN l.lost IS NULL THEN r.cost ELSE coalesce(r.cost, 0) END,
            cost_maybe = CASE WHEN l.lost IS NULL THEN r.cost_maybe ELSE coalesce(r.cost_maybe, 0) + l.lost END
        FROM unnest(p_runs) AS p (id) LEFT JOIN l ON l.run_id = p.id LEFT JOIN d ON d.run_id = p.id
        WHERE r.id = p.id
    )
    SELECT coalesce(sum(l.many), 0) INTO v_interrupted FROM l;
    RETURN v_interrupted;
END
$$;

-- Frees what dead runs hold: those whose lease has ended, and those that are known to be dead. Returns how many requests were in
-- flight. A run that is storing something at this moment is alive.
CREATE FUNCTION recover_runs(p_dead bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_runs bigint[];
BEGIN
    SELECT array_agg(d.id) INTO v_runs
    FROM (
        SELECT r.id FROM runs r
        WHERE r.ended_ms IS NULL AND (r.alive_until_ms <= now_ms() OR r.id = ANY (p_dead))
        ORDER BY r.id FOR UPDATE SKIP LOCKED
    ) d;
    IF v_runs IS NULL THEN
        RETURN 0;
    END IF;
    RETURN interrupt_runs(v_runs);
END
$$;

-- Settles ended attempts of a run, each under its claim. Returns a row for each one that was settled: its place in the arrays, and
-- the number of its take, or 0. With `p_holds` the run keeps what is pending, to try it again. The row of the run must be locked.
CREATE FUNCTION settle_attempts(
    p_run bigint, p_holds boolean,
    s_id bigint[], s_claim bigint[], s_status text[], s_tries bigint[], s_outcome text[], s_http_status bigint[], s_error text[],
    s_first_text_ms bigint[], s_ended_ms bigint[], s_bytes bigint[], s_tokens_in bigint[], s_tokens_out bigint[], s_cost bigint[],
    s_cost_maybe bigint[], s_partial text[], s_text text[], s_words bigint[], s_flags bigint[], s_content bytea[]
)
RETURNS TABLE (place bigint, take_number bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_run record;
    v_sum record;
    v_back record;
    v_late record;
    v_old record;
    v_counts boolean;
BEGIN
    SELECT r.was_recovered, r.recipe_id, p.provider, p.model, e.address INTO v_run
    FROM runs r JOIN recipes p ON p.id = r.recipe_id JOIN endpoints e ON e.id = r.endpoint_id
    WHERE r.id = p_run;

    -- What was interrupted because the lease had ended, and no run has claimed since, is in flight again.
    IF v_run.was_recovered THEN
        WITH h AS MATERIALIZED (
            SELECT c.id, c.claim
            FROM unnest(s_id, s_claim) AS s (id, claim)
            JOIN stored_attempts a ON a.character_id = s.id AND a.attempt = s.claim
            JOIN stored_characters c ON c.id = s.id AND c.claim = s.claim
            WHERE a.run_id = p_run AND a.outcome = 'interrupted' AND c.status = 'pending' AND c.run_id IS NULL
            ORDER BY c.id FOR UPDATE OF c
        ),
        c AS (
            UPDATE stored_characters c SET status = 'running', run_id = p_run WHERE c.id = ANY (ARRAY(SELECT h.id FROM h))
        ),
        a AS (
            UPDATE stored_attempts a SET outcome = NULL, error = NULL, ended_ms = NULL
            FROM h WHERE a.character_id = h.id AND a.attempt = h.claim
            RETURNING a.cost_maybe
        )
        SELECT count(*) AS many, sum(a.cost_maybe)::bigint AS lost INTO v_back FROM a;
        UPDATE runs SET maybe_charged = maybe_charged - v_back.many, cost_maybe = cost_maybe - coalesce(v_back.lost, 0)
        WHERE id = p_run;
    END IF;

    WITH s AS MATERIALIZED (
        SELECT * FROM unnest(s_id, s_claim, s_status, s_tries, s_outcome, s_http_status, s_error, s_first_text_ms, s_ended_ms,
            s_bytes, s_tokens_in, s_tokens_out, s_cost, s_cost_maybe, s_partial, s_text, s_words, s_flags, s_content)
        WITH ORDINALITY AS s (id, claim, status, tries, outcome, http_status, error, first_text_ms, ended_ms, bytes, tokens_in,
            tokens_out, cost, cost_maybe, partial, text, words, flags, content, ord)
    ),
    -- The flags before, and whether the text is of what the sheet says now: if not, the character is pending again, unless it was
    -- given a story meanwhile.
    o AS MATERIALIZED (
        SELECT s.*, c.flags <> 0 AS had_flags, c.content = s.content AS fits
        FROM s JOIN stored_characters c ON c.id = s.id
        WHERE c.claim = s.claim AND c.status = 'running' AND c.run_id = p_run
        FOR UPDATE OF c
    ),
    u AS (
        UPDATE stored_characters c SET
            status = CASE
                WHEN c.is_answered THEN 'done'
                WHEN o.status = 'done' AND NOT o.fits THEN 'pending'
                ELSE o.status
            END,
            is_answered = false,
            run_id = CASE WHEN NOT c.is_answered AND o.status = 'pending' AND o.outcome <> 'interrupted' AND p_holds THEN p_run END,
            tries = CASE WHEN o.status = 'done' AND NOT o.fits THEN 0 ELSE o.tries END,
            takes = c.takes + (o.text IS NOT NULL)::int,
            take = CASE WHEN o.text IS NOT NULL AND o.fits AND NOT c.picked THEN c.takes + 1 ELSE c.take END,
            flags = CASE WHEN o.text IS NOT NULL AND o.fits AND NOT c.picked THEN o.flags ELSE c.flags END,
            error_kind = CASE WHEN o.status = 'failed' AND NOT c.is_answered THEN o.outcome END,
            error = CASE WHEN o.status = 'failed' AND NOT c.is_answered THEN o.error END
        FROM o
        WHERE c.id = o.id
        RETURNING c.id, c.takes, c.status AS now, c.gone, (c.flags <> 0)::int - o.had_flags::int AS flagged, o.ord, o.claim,
            o.outcome, o.http_status, o.error, o.first_text_ms, o.ended_ms, o.bytes, o.tokens_in, o.tokens_out, o.cost,
            o.cost_maybe, o.partial, o.text, o.words, o.flags, o.content
    ),
    t AS (
        INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint, attempt,
            finished_ms)
        SELECT u.id, u.takes, u.text, u.words, u.flags, u.content, v_run.recipe_id, v_run.provider, v_run.model, v_run.address,
            u.claim, u.ended_ms
        FROM u WHERE u.text IS NOT NULL
    ),
    a AS (
        UPDATE stored_attempts a SET
            outcome = u.outcome, http_status = u.http_status, error = u.error, first_text_ms = u.first_text_ms,
            ended_ms = u.ended_ms, bytes = u.bytes, tokens_in = u.tokens_in, tokens_out = u.tokens_out, cost = u.cost,
            cost_maybe = u.cost_maybe, partial = u.partial
        FROM u WHERE a.character_id = u.id AND a.attempt = u.claim
    )
    SELECT
        coalesce(array_agg(u.ord), '{}') AS ords,
        coalesce(array_agg(CASE WHEN u.text IS NULL THEN 0 ELSE u.takes END), '{}') AS takes,
        count(*) FILTER (WHERE u.text IS NOT NULL) AS done,
        count(*) FILTER (WHERE u.now = 'done' AND NOT u.gone) AS cast_done,
        count(*) FILTER (WHERE u.now = 'failed' AND NOT u.gone) AS cast_failed,
        coalesce(sum(u.flagged) FILTER (WHERE NOT u.gone), 0) AS cast_flagged,
        count(*) FILTER (WHERE u.outcome = 'not_sent') AS not_sent,
        count(*) FILTER (WHERE u.outcome IN ('unknown', 'interrupted')) AS maybe_charged,
        sum(u.cost)::bigint AS cost,
        sum(u.cost_maybe)::bigint AS cost_maybe,
        min(u.ended_ms) FILTER (WHERE u.text IS NOT NULL) AS oldest_ms,
        max(u.ended_ms) FILTER (WHERE u.text IS NOT NULL) AS newest_ms
    INTO v_sum FROM u;

    UPDATE runs r SET
        requests = r.requests - v_sum.not_sent,
        done = r.done + v_sum.done,
        cast_done = r.cast_done + v_sum.cast_done,
        cast_failed = r.cast_failed + v_sum.cast_failed,
        cast_pending = r.cast_pending - v_sum.cast_done - v_sum.cast_failed,
        cast_flagged = r.cast_flagged + v_sum.cast_flagged,
        maybe_charged = r.maybe_charged + v_sum.maybe_charged,
        cost = CASE WHEN v_sum.cost IS NULL THEN r.cost ELSE coalesce(r.cost, 0) + v_sum.cost END,
        cost_maybe = CASE WHEN v_sum.cost_maybe IS NULL THEN r.cost_maybe ELSE coalesce(r.cost_maybe, 0) + v_sum.cost_maybe END,
        budget_reserved = greatest(0, r.budget_reserved - coalesce(v_sum.cost, 0) - coalesce(v_sum.cost_maybe, 0)),
        oldest_ms = least(r.oldest_ms, v_sum.oldest_ms),
        newest_ms = greatest(r.newest_ms, v_sum.newest_ms)
    WHERE r.id = p_run;
    RETURN QUERY SELECT * FROM unnest(v_sum.ords, v_sum.takes);

    -- What was interrupted, and has been claimed since: the text becomes one more take, and the attempt is settled.
    IF NOT v_run.was_recovered THEN
        RETURN;
    END IF;
    FOR v_late IN
        SELECT s.*, a.cost_maybe AS lost
        FROM unnest(s_id, s_claim, s_outcome, s_http_status, s_error, s_first_text_ms, s_ended_ms, s_bytes, s_tokens_in,
            s_tokens_out, s_cost, s_cost_maybe, s_partial, s_text, s_words, s_flags, s_content)
        WITH ORDINALITY AS s (id, claim, outcome, http_status, error, first_text_ms, ended_ms, bytes, tokens_in, tokens_out, cost,
            cost_maybe, partial, text, words, flags, content, ord)
        JOIN stored_attempts a ON a.character_id = s.id AND a.attempt = s.claim
        WHERE a.run_id = p_run AND a.outcome = 'interrupted' AND s.ord <> ALL (v_sum.ords)
        ORDER BY s.id
    LOOP
        SELECT c.takes, c.flags, c.gone, c.picked, c.content INTO v_old FROM stored_characters c WHERE c.id = v_late.id FOR UPDATE;
        v_counts := v_late.text IS NOT NULL AND NOT v_old.picked AND v_old.content = v_late.content;
        IF v_late.text IS NOT NULL THEN
            UPDATE stored_characters c SET
                takes = c.takes + 1,
                take = CASE WHEN v_counts THEN c.takes + 1 ELSE c.take END,
                flags = CASE WHEN v_counts THEN v_late.flags ELSE c.flags END
            WHERE c.id = v_late.id;
            INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint,
                attempt, finished_ms)
            VALUES (v_late.id, v_old.takes + 1, v_late.text, v_late.words, v_late.flags, v_late.content, v_run.recipe_id,
                v_run.provider, v_run.model, v_run.address, v_late.claim, v_late.ended_ms);
        END IF;
        UPDATE stored_attempts a SET
            outcome = v_late.outcome, http_status = v_late.http_status, error = v_late.error,
            first_text_ms = v_late.first_text_ms, ended_ms = v_late.ended_ms, bytes = v_late.bytes, tokens_in = v_late.tokens_in,
            tokens_out = v_late.tokens_out, cost = v_late.cost, cost_maybe = v_late.cost_maybe, partial = v_late.partial
        WHERE a.character_id = v_late.id AND a.attempt = v_late.claim;
        UPDATE runs r SET
            requests = r.requests - (v_late.outcome = 'not_sent')::int,
            done = r.done + (v_late.text IS NOT NULL)::int,
            cast_flagged = r.cast_flagged
                + CASE WHEN v_counts AND NOT v_old.gone THEN (v_late.flags <> 0)::int - (v_old.flags <> 0)::int ELSE 0 END,
            maybe_charged = r.maybe_charged - 1 + (v_late.outcome IN ('unknown', 'interrupted'))::int,
            cost = CASE WHEN v_late.cost IS NULL THEN r.cost ELSE coalesce(r.cost, 0) + v_late.cost END,
            cost_maybe = CASE
                WHEN coalesce(v_late.cost_maybe, v_late.lost) IS NULL THEN r.cost_maybe
                ELSE coalesce(r.cost_maybe, 0) + coalesce(v_late.cost_maybe, 0) - coalesce(v_late.lost, 0)
            END,
            oldest_ms = CASE WHEN v_late.text IS NULL THEN r.oldest_ms ELSE least(r.oldest_ms, v_late.ended_ms) END,
            newest_ms = CASE WHEN v_late.text IS NULL THEN r.newest_ms ELSE greatest(r.newest_ms, v_late.ended_ms) END
        WHERE r.id = p_run;
        place := v_late.ord;
        take_number := CASE WHEN v_late.text IS NULL THEN 0 ELSE v_old.takes + 1 END;
        RETURN NEXT;
    END LOOP;
END
$$;

-- Stores a group of a run: settles (`s_…`), starts again characters that this run has tried before (`b_…`), claims at most `p_most` after
-- the row `p_place`, and renews the lease. Rows of the answer:
--   'g'  the group: `id` is the run, `place` the number of the group, `n` 1 if nothing is left to claim, `claim` 1 if others hold
--        characters, `sheet_row` the part of the cast's budget that the run holds, absent where the cast has no budget
--   's'  a settled attempt: `place` in the arrays, `n` the number of its take or 0
--   'b'  a character that was started again: `place` in the arrays, its `claim`
--   'c'  a claimed character, in the order of the sheet: `claim`, in `n` its tries so far, and its cells
-- `p_most` is absent where nothing is to be claimed.
CREATE FUNCTION commit_group(
    p_run bigint, p_group bigint, p_lease bigint,
    s_id bigint[], s_claim bigint[], s_status text[], s_tries bigint[], s_outcome text[], s_http_status bigint[], s_error text[],
    s_first_text_ms bigint[], s_ended_ms bigint[], s_bytes bigint[], s_tokens_in bigint[], s_tokens_out bigint[], s_cost bigint[],
    s_cost_maybe bigint[], s_partial text[], s_text text[], s_words bigint[], s_flags bigint[], s_content bytea[],
    b_id bigint[], b_claim bigint[], b_started_ms bigint[], b_cost_maybe bigint[],
    p_place bigint, p_most bigint, p_started_ms bigint, p_only bigint[], p_except bigint[], p_columns boolean
)
RETURNS TABLE (
    what text, place bigint, id bigint, claim bigint, n bigint, sheet_row bigint, key text, name text, description text, columns text,
    content bytea
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_cast bigint;
    v_last bigint;
    v_started record;
    v_ids bigint[];
    v_row bigint := p_place;
    v_requests bigint := 0;
    v_character record;
    v_is_end boolean;
    v_part bigint;
BEGIN
    SELECT r.cast_id, r.last_group INTO v_cast, v_last FROM runs r WHERE r.id = p_run FOR UPDATE;
    IF v_cast IS NULL THEN
        RAISE EXCEPTION 'the cast of this run was deleted';
    ELSIF v_last >= p_group THEN
        RAISE EXCEPTION 'group % of run % is stored already', p_group, p_run;
    END IF;

    IF cardinality(s_id) > 0 THEN
        RETURN QUERY
        SELECT 's', t.place, NULL::bigint, NULL::bigint, t.take_number, NULL::bigint, NULL, NULL, NULL, NULL, NULL::bytea
        FROM settle_attempts(p_run, true, s_id, s_claim, s_status, s_tries, s_outcome, s_http_status, s_error, s_first_text_ms,
            s_ended_ms, s_bytes, s_tokens_in, s_tokens_out, s_cost, s_cost_maybe, s_partial, s_text, s_words, s_flags,
            s_content) t;
    END IF;

    IF cardinality(b_id) > 0 THEN
        WITH s AS MATERIALIZED (
            SELECT * FROM unnest(b_id, b_claim, b_started_ms, b_cost_maybe)
            WITH ORDINALITY AS s (id, claim, started_ms, cost_maybe, ord)
        ),
        u AS (
            UPDATE stored_characters c SET status = 'running', claim = c.claim + 1, run_id = p_run
            FROM s
            WHERE c.id = s.id AND c.claim = s.claim AND c.status = 'pending' AND NOT c.gone
                AND (c.run_id IS NULL OR c.run_id = p_run)
            RETURNING c.id, c.claim, s.ord, s.started_ms, s.cost_maybe
        ),
        b AS (
            INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, cost_maybe)
            SELECT u.id, u.claim, p_run, u.started_ms, u.cost_maybe FROM u
        )
        SELECT array_agg(u.ord) AS ords, array_agg(u.claim) AS claims, count(*) AS many INTO v_started FROM u;
        v_requests := v_started.many;
        IF v_started.many < cardinality(b_id) THEN
            -- The run does not try these again, so others may.
            UPDATE stored_characters c SET run_id = NULL WHERE c.id = ANY (b_id) AND c.run_id = p_run AND c.status = 'pending';
        END IF;
        RETURN QUERY
        SELECT 'b', t.ord, NULL::bigint, t.claim, NULL::bigint, NULL::bigint, NULL, NULL, NULL, NULL, NULL::bytea
        FROM unnest(v_started.ords, v_started.claims) AS t (ord, claim);
    END IF;

    IF p_most > 0 THEN
        -- What the run holds behind the place is as free as the rest.
        UPDATE stored_characters c SET run_id = NULL WHERE c.run_id = p_run AND c.status = 'pending' AND c.row > p_place;
        IF p_only IS NULL THEN
            SELECT array_agg(t.id) INTO v_ids FROM (
                SELECT c.id FROM stored_characters c
                WHERE c.cast_id = v_cast AND c.status = 'pending' AND NOT c.gone AND c.run_id IS NULL AND c.row > p_place
                    AND (p_except IS NULL OR c.id <> ALL (p_except))
                ORDER BY c.row LIMIT p_most FOR UPDATE SKIP LOCKED
            ) t;
        ELSE
            SELECT array_agg(t.id) INTO v_ids FROM (
                SELECT c.id FROM stored_characters c
                WHERE c.id = ANY (p_only) AND c.cast_id = v_cast AND c.status = 'pending' AND NOT c.gone AND c.run_id IS NULL
                    AND c.row > p_place AND (p_except IS NULL OR c.id <> ALL (p_except))
                ORDER BY c.row LIMIT p_most FOR UPDATE SKIP LOCKED
            ) t;
        END IF;
        IF v_ids IS NOT NULL THEN
            FOR v_character IN
                WITH c AS (
                    UPDATE stored_characters c SET status = 'running', claim = c.claim + 1, run_id = p_run
                    WHERE c.id = ANY (v_ids)
                    RETURNING c.*
                ),
                b AS (
                    INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms)
                    SELECT c.id, c.claim, p_run, p_started_ms FROM c
                )
                SELECT * FROM c ORDER BY c.row
            LOOP
                what := 'c';
                place := NULL;
                id := v_character.id;
                claim := v_character.claim;
                n := v_character.tries;
                sheet_row := v_character.row;
                key := v_character.key;
                name := v_character.name;
                description := v_character.description;
                columns := CASE WHEN p_columns THEN v_character.columns END;
                content := v_character.content;
                v_row := v_character.row;
                RETURN NEXT;
            END LOOP;
            v_requests := v_requests + cardinality(v_ids);
        END IF;
    END IF;

    v_is_end := p_most IS NOT NULL AND NOT has_pending(p_run, v_cast, v_row, p_only, p_except);
    SELECT CASE WHEN k.budget IS NOT NULL THEN r.budget_reserved END INTO v_part
    FROM runs r JOIN stored_casts k ON k.id = r.cast_id WHERE r.id = p_run;
    RETURN QUERY
    SELECT 'g', p_group, p_run, (v_is_end AND others_hold(p_run, v_cast, p_only))::int::bigint, v_is_end::int::bigint,
        v_part, NULL, NULL, NULL, NULL, NULL::bytea;

    UPDATE runs r SET alive_until_ms = now_ms() + p_lease, last_commit_ms = now_ms(), last_group = p_group, ended_ms = NULL,
        exit = NULL, requests = r.requests + v_requests
    WHERE r.id = p_run;
END
$$;

-- The budget of the cast that a run works on, as `domain::lending` needs it: the budget, what the cast has cost so far with all
-- uncertain costs, the parts that other runs hold. No other run can change its part upwards before this transaction ends.
--
-- The lock is the last one that a transaction takes, so that nothing waits in a circle. It is not the row of the cast, which an import
-- holds for as long as it takes.
CREATE FUNCTION budget_account(p_run bigint) RETURNS TABLE (budget bigint, spent bigint, lent bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_cast bigint;
BEGIN
    SELECT r.cast_id INTO v_cast FROM runs r WHERE r.id = p_run;
    PERFORM pg_advisory_xact_lock(hashtextextended('backstory budget', v_cast));
    RETURN QUERY
    SELECT k.budget,
        (coalesce(k.cost, 0) + coalesce(k.cost_maybe, 0) + coalesce(sum(coalesce(r.cost, 0) + coalesce(r.cost_maybe, 0)), 0))::bigint,
        coalesce(sum(r.budget_reserved) FILTER (WHERE r.id <> p_run), 0)::bigint
    FROM stored_casts k LEFT JOIN runs r ON r.cast_id = k.id
    WHERE k.id = v_cast AND k.budget IS NOT NULL
    GROUP BY k.id;
END
$$;

-- Gives a cast a budget, or takes it away. Runs that work on it hold what they have in flight from now on. It is a transaction of its
-- own: a run that begins locks its endpoint next, and the one that shares limits locks them in the other order.
CREATE FUNCTION set_budget(p_cast bigint, p_budget bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM stored_casts k WHERE k.id = p_cast AND k.budget IS NOT DISTINCT FROM p_budget) THEN
        RETURN;
    END IF;
    -- No run begins from here on.
    UPDATE stored_casts SET budget = p_budget WHERE id = p_cast;
    -- What these runs are storing at this moment is stored first, and their next groups see the budget.
    PERFORM FROM runs r WHERE r.cast_id = p_cast AND r.ended_ms IS NULL ORDER BY r.id FOR UPDATE;
    UPDATE runs r SET budget_reserved = greatest(r.budget_reserved, coalesce((
        SELECT sum(a.cost_maybe)
        FROM stored_characters c JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
        WHERE c.run_id = r.id AND c.status = 'running'
    ), 0))
    WHERE r.cast_id = p_cast AND r.ended_ms IS NULL;
END
$$;

-- Stores the most that each claimed character may cost. Claims that cannot be paid are undone. In the transaction that has claimed them.
-- The run then holds `p_part` of the cast's budget; absent: as before.
CREATE FUNCTION price_claims(
    p_run bigint, p_id bigint[], p_claim bigint[], p_cost_maybe bigint[], p_back bigint[], p_part bigint
)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stored_attempts a SET cost_maybe = p.cost_maybe
    FROM unnest(p_id, p_claim, p_cost_maybe) AS p (id, claim, cost_maybe)
    WHERE a.character_id = p.id AND a.attempt = p.claim;
    IF cardinality(p_back) > 0 THEN
        DELETE FROM stored_attempts a USING stored_characters c
        WHERE c.id = ANY (p_back) AND a.character_id = c.id AND a.attempt = c.claim;
        UPDATE stored_characters c SET status = 'pending', claim = c.claim - 1, run_id = NULL WHERE c.id = ANY (p_back);
    END IF;
    IF cardinality(p_back) > 0 OR p_part IS NOT NULL THEN
        UPDATE runs r SET
            requests = r.requests - cardinality(p_back),
            budget_reserved = coalesce(p_part, r.budget_reserved)
        WHERE r.id = p_run;
    END IF;
END
$$;
