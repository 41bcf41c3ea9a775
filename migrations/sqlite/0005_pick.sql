-- Which take of a character was picked for what the sheet says of it.
--
-- Reason: the take that counts belongs to a name and a description, and so does the choice of a person. An edit that is taken
-- back brings both back; so far it brought back the newest take, which may be the one that was rejected. At most one take of
-- those of a character that were made from the same content is picked.

ALTER TABLE stored_takes ADD COLUMN picked INTEGER NOT NULL DEFAULT 0 CHECK (picked IN (0, 1));

UPDATE stored_takes SET picked = 1
WHERE (character_id, take) IN (SELECT id, take FROM stored_characters WHERE picked = 1);
