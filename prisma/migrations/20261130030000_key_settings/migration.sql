-- What a key may do, and whose it is: label, limits, campaigns.
ALTER TABLE "api_keys" ADD COLUMN "settings" JSONB NOT NULL DEFAULT '{}';
-- The label of the key that a lead came with.
ALTER TABLE "leads" ADD COLUMN "source" TEXT;
