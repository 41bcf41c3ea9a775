-- Which sheet a cast was last taken in from: a digest of the sheet's bytes and of all that decides how they are read.
--
-- Reason: a sheet that did not change need not be read row by row, and most runs continue with the same one. Absent when
-- nobody can say: the sheet came from standard input, or brought stories of its own, or an older program took it in.

ALTER TABLE stored_casts ADD COLUMN sheet_digest BLOB CHECK (length(sheet_digest) = 32);

-- Whoever changes what a sheet says of a character, or removes one, makes the cast forget its sheet: the import, which sets the
-- digest when all else is done, and anybody who may come later.
CREATE TRIGGER characters_changed AFTER UPDATE OF cast_id, row, key, name, description, columns, content, gone
ON stored_characters
BEGIN
    UPDATE stored_casts SET sheet_digest = NULL WHERE id IN (old.cast_id, new.cast_id) AND sheet_digest IS NOT NULL;
END;

CREATE TRIGGER characters_removed AFTER DELETE ON stored_characters
BEGIN
    UPDATE stored_casts SET sheet_digest = NULL WHERE id = old.cast_id AND sheet_digest IS NOT NULL;
END;
