-- Three roles for a cast on a server: the owner of the tables, workers that write stories, readers.
--
-- The owner runs this once, after its first `backstory run … --limit 1` has created the tables:
--
--     psql -v worker=worker -v reader=reader -d casts -f samples/fleet/roles.sql
--
-- `worker` and `reader` are roles that exist. The owner also runs the first command of a new version, which brings the tables up to
-- date.

GRANT USAGE ON SCHEMA backstory TO :"worker", :"reader";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA backstory TO :"worker";
GRANT SELECT ON ALL TABLES IN SCHEMA backstory TO :"reader";

-- The same for tables of later versions.
ALTER DEFAULT PRIVILEGES IN SCHEMA backstory GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"worker";
ALTER DEFAULT PRIVILEGES IN SCHEMA backstory GRANT SELECT ON TABLES TO :"reader";
