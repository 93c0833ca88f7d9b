-- How a dialer's leads are sent: which further fields, which words for options, which form of the phone.
ALTER TABLE "dialers" ADD COLUMN "lead_settings" JSONB NOT NULL DEFAULT '{}';
