-- A story that a person gives a character while its request is in flight is its story, however the request ends.
--
-- Reason: a request that failed was tried again, and a killed one was sent again by the next run, although the character had the
-- story that the person chose. That was paid for nothing.

-- Whether the character was given a story while its request is in flight. It becomes done when the request ends.
ALTER TABLE stored_characters ADD COLUMN is_answered INTEGER NOT NULL DEFAULT 0 CHECK (is_answered IN (0, 1));
