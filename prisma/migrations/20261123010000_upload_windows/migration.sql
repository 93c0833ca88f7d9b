-- A dialing system's limits may differ by account. NULL: those documented for the family.
ALTER TABLE "dialers" ADD COLUMN "upload_windows" JSONB;
