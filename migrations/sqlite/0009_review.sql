-- What a review stores: which flags it found for a take by comparing the whole cast, which flags the user dismissed, and which
-- stories are alike.
--
-- Reason: lists, exports and the page select by flags, so all flags of a story are stored. There are three times as many flags as
-- before; a table of all sets of flags would have two million rows, so the views now put the words of a set together.

-- Flags that need the whole cast. Each review replaces them. They count only while the take is the current one.
ALTER TABLE stored_takes ADD COLUMN review_flags INTEGER NOT NULL DEFAULT 0;

-- Flags that the user dismissed for this take: they are not shown any more, also when a review finds them again.
ALTER TABLE stored_takes ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0;

-- All flags that were dismissed for any take of the character. `flags` of a character does not have the dismissed ones, and an import
-- must know that a take may be stale although that flag was dismissed.
ALTER TABLE stored_characters ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0;

-- Stories that share much of their wording, as the last review found them: each pair once in each direction.
CREATE TABLE alike_takes (
    character_id INTEGER NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    take INTEGER NOT NULL,
    other_id INTEGER NOT NULL REFERENCES stored_characters (id) ON DELETE CASCADE,
    other_take INTEGER NOT NULL,
    -- Which part of the shorter story is in the other one.
    similarity REAL NOT NULL CHECK (similarity BETWEEN 0 AND 1),
    PRIMARY KEY (character_id, other_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX alike_other ON alike_takes (other_id);

-- The word of each flag. The bits are those of the program's flags.
CREATE TABLE flag_words (
    bit INTEGER PRIMARY KEY,
    word TEXT NOT NULL
) STRICT;

INSERT INTO flag_words (bit, word) VALUES
    (1, 'unfinished'), (2, 'unproven'), (4, 'bad_utf8'), (8, 'ignored_lines'), (16, 'abrupt'), (32, 'long'), (64, 'stale'),
    (128, 'refusal'), (256, 'meta'), (512, 'thoughts'), (1024, 'placeholder'), (2048, 'echo'), (4096, 'unnamed'),
    (8192, 'person'), (16384, 'language'), (32768, 'mojibake'), (65536, 'loop'), (131072, 'odd_length'), (262144, 'alike'),
    (524288, 'same_opening'), (1048576, 'borrowed');

DROP VIEW results;
DROP VIEW z_known_characters;
DROP VIEW takes;
DROP TABLE flag_sets;

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
    CASE c.flags
        WHEN 0 THEN '[]'
        ELSE (SELECT json_group_array(word) FROM (SELECT word FROM flag_words WHERE c.flags & bit ORDER BY bit))
    END AS flags,
    c.error_kind,
    c.error,
    t.provider,
    t.model,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.finished_ms / 1000.0, 'unixepoch') AS finished_at
FROM stored_characters c
JOIN stored_casts k ON k.id = c.cast_id
LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take;

-- One row a character.
CREATE VIEW results AS
SELECT
    cast_name, key, row, name, description, columns, status, gone, backstory, take, words, requests, flags, error_kind, error,
    provider, model, finished_at
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
    CASE (t.flags | CASE t.take WHEN c.take THEN t.review_flags ELSE 0 END) & ~t.dismissed
        WHEN 0 THEN '[]'
        ELSE (
            SELECT json_group_array(word) FROM (
                SELECT word FROM flag_words
                WHERE (t.flags | CASE t.take WHEN c.take THEN t.review_flags ELSE 0 END) & ~t.dismissed & bit ORDER BY bit
            )
        )
    END AS flags,
    t.provider,
    t.model,
    t.endpoint,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.finished_ms / 1000.0, 'unixepoch') AS finished_at,
    t.take = c.take AS current
FROM stored_takes t
JOIN stored_characters c ON c.id = t.character_id
JOIN stored_casts k ON k.id = c.cast_id;

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
WHERE c.gone = 0 AND o.gone = 0 AND c.flags & 262144;
