-- What an equal request finds a lead by while it is under way; NULL where it is not to be found.
ALTER TABLE "leads" ADD COLUMN "join_key" CHAR(64);
