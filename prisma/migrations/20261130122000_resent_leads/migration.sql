-- The lead that this one sends again, with a correction; null: it came by itself.
ALTER TABLE "leads" ADD COLUMN "resent_from" UUID;
