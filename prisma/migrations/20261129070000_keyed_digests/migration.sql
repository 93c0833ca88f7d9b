-- Digests of requests are keyed from now on. Those of final leads are of no use any more, and could be guessed from a dump. Only
-- rows that nobody writes to are locked; about 12,000 a second are written anew.
UPDATE "leads" SET "join_key" = NULL WHERE "join_key" IS NOT NULL AND "finished_at" IS NOT NULL;

-- Of an imported key, four characters may be a large part of what makes it hard to guess.
UPDATE "api_keys" SET "hint" = right("hint", 2) WHERE length("hint") > 2;
