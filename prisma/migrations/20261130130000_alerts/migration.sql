-- Rules that people are told of when they begin to be met and when that ends, where they are told, and the outbox of what they are told.
-- See packages/database/src/alerts.
CREATE TABLE "alert_rules" (
    "id" UUID NOT NULL,
    "condition" JSONB NOT NULL,
    "company_id" UUID,
    "campaign_id" TEXT,
    "per_campaign" BOOLEAN NOT NULL DEFAULT false,
    "channels" UUID[] DEFAULT ARRAY[]::UUID[],
    "end_after_ms" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL DEFAULT 0,
    "claimed_ms" BIGINT,
    "unread_since" TIMESTAMPTZ(3),
    "unread_why" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "alert_rules_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_rules_scope_check" CHECK ("campaign_id" IS NULL OR "company_id" IS NOT NULL),
    CONSTRAINT "alert_rules_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "alert_rules_company_id_campaign_id_fkey" FOREIGN KEY ("company_id", "campaign_id")
        REFERENCES "campaigns"("company_id", "campaign_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "alert_states" (
    "id" UUID NOT NULL,
    "rule_id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "subject_name" TEXT,
    "since_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "since_ms" BIGINT NOT NULL,
    "begun_at" TIMESTAMPTZ(3),
    "clear_ms" BIGINT,
    "known" TEXT NOT NULL,
    CONSTRAINT "alert_states_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_states_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "alert_rules"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "alert_states_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "alert_states_rule_id_company_id_subject_key" ON "alert_states"("rule_id", "company_id", "subject");

CREATE TABLE "alert_channels" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "most_per_hour" INTEGER NOT NULL DEFAULT 20,
    "disabled_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "claimed_ms" BIGINT,
    "failed_ms" BIGINT,
    "rest_ms" INTEGER NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3),
    "last_result" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "alert_channels_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_channels_kind_check" CHECK ("kind" IN ('email', 'slack', 'webhook'))
);
CREATE UNIQUE INDEX "alert_channels_name_key" ON "alert_channels"("name");

CREATE TABLE "alert_messages" (
    "id" UUID NOT NULL,
    "channel_id" UUID NOT NULL,
    "company_id" UUID,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivery_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "given_up_at" TIMESTAMPTZ(3),
    CONSTRAINT "alert_messages_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_messages_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "alert_channels"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "alert_messages_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "alert_messages_channel_id_id_idx" ON "alert_messages"("channel_id", "id");
