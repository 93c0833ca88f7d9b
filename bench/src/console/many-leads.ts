import type pg from 'pg';

export interface Crowd {
  readonly companies: number;
  /** Spread evenly over the last 90 days; the companies differ in size, each twice as large as the one twice as far down. */
  readonly leads: number;
}

/** Leads that a statement writes: some seconds. */
const AT_ONCE = 500_000;
const DAYS = 90;
const CAMPAIGNS_EACH = 3;
const ANIS_EACH = 100;

/**
 * Writes companies with dialers, keys, campaigns, ANIs and leads with their figures, as the processes would have left them: minutes of two
 * days, hours of two months, then days. The database is new.
 */
export async function fillWith(
  client: pg.Client,
  { companies, leads }: Crowd,
  say: (line: string) => void,
): Promise<void> {
  await client.query('SET session_replication_role = replica'); // triggers, one call for each statement, would count the leads once more
  await client.query(COMPANIES, [companies]);
  await client.query(CAMPAIGNS, [CAMPAIGNS_EACH]);
  await client.query(ANIS, [ANIS_EACH]);
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(INDEXES);
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`);
  for (let done = 0; done < leads; done += AT_ONCE) {
    await client.query(LEADS, [done, Math.min(done + AT_ONCE, leads), leads, companies]);
    say(`${Math.min(done + AT_ONCE, leads).toLocaleString('en-US')} leads`);
  }
  for (const { name, definition } of indexes) {
    say(`index ${name}`);
    await client.query(definition);
  }
  say('figures');
  await client.query(FIGURES);
  say('refused requests, and the audit log');
  await client.query(REFUSED, [Math.ceil(leads / 20)]);
  await client.query(AUDIT, [Math.ceil(leads / 50)]);
  await client.query('SET session_replication_role = origin');
  await client.query('VACUUM ANALYZE');
}

const COMPANIES = `
  WITH numbered AS (
    SELECT number, gen_random_uuid() AS id, (ARRAY['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'])[number % 4 + 1] AS zone
    FROM generate_series(1, $1::int) AS number
  ), companies AS (
    INSERT INTO companies (id, name, time_zone) SELECT id, 'Company ' || lpad(number::text, 4, '0'), zone FROM numbered
  ), keys AS (
    INSERT INTO api_keys (id, company_id, type, digest, hint, expires_at)
    SELECT gen_random_uuid(), id, 'universal', encode(sha256(id::text::bytea), 'hex'), 'xx', CASE WHEN number % 50 = 0 THEN now() + interval '3 days' END
    FROM numbered
  )
  INSERT INTO dialers (id, company_id, family, base_url, account_id)
  SELECT gen_random_uuid(), id, (ARRAY['ringcx', 'newbridge'])[number % 2 + 1], 'https://dialer.example', 'account-' || number FROM numbered`;

const CAMPAIGNS = `
  INSERT INTO campaigns (id, company_id, campaign_id, name)
  SELECT gen_random_uuid(), id, number::text, (ARRAY['Roofs', 'Solar', 'Windows'])[number] FROM companies, generate_series(1, $1::int) AS number`;

const ANIS = `
  INSERT INTO anis (id, company_id, phone, used_on, used)
  SELECT gen_random_uuid(), companies.id, (2000000000 + row_number() OVER ())::text, (now() AT TIME ZONE time_zone)::date, (random() * 76)::int
  FROM companies, generate_series(1, $1::int)`;

/** Those that are not a constraint's. */
const INDEXES = `
  SELECT indexname AS name, indexdef AS definition FROM pg_indexes
  WHERE tablename = 'leads' AND schemaname = current_schema() AND indexname <> 'leads_pkey'`;

/** From the oldest on, so that their ids ascend. */
const LEADS = `
  WITH known AS (
    SELECT array_agg(companies.id ORDER BY name) AS companies, array_agg(dialers.id ORDER BY name) AS dialers
    FROM companies JOIN dialers ON dialers.company_id = companies.id
  ), numbered AS (
    SELECT number, now() - (1 - number::float8 / $3::bigint) * interval '${DAYS} days' AS received_at,
      1 + floor($4::int * power(random(), 3))::int AS company, random() AS luck, random() AS slowness, random() AS campaign
    FROM generate_series($1::bigint, $2::bigint - 1) AS number
  ), ended AS (
    SELECT *, CASE
      WHEN luck < 0.9 OR (received_at < now() - interval '1 day' AND luck >= 0.9995) THEN 'ACCEPTED' WHEN luck < 0.97 THEN 'REJECTED' WHEN luck < 0.98 THEN 'ABANDONED'
      WHEN luck < 0.99 THEN 'FAILED' WHEN luck < 0.9995 THEN 'EXPIRED' ELSE 'PARKED' END AS state
    FROM numbered
  )
  INSERT INTO leads (id, company_id, dialer_id, campaign_id, source, state, attempt, phone_digest, phone_last2, payload, reason, received_at, deadline,
    due_at, expires_at, finished_at, outcome_source)
  SELECT (lpad(to_hex(floor(extract(epoch FROM received_at) * 1000)::bigint), 12, '0') || '7' || substr(md5(number::text), 1, 3) || '8' ||
      substr(md5(number::text), 4, 15))::uuid,
    companies[company], dialers[company], 1 + floor(campaign * ${CAMPAIGNS_EACH})::int, (ARRAY['Vendor A', 'Vendor B'])[number % 2 + 1], state::lead_state, 1,
    repeat(md5(number::text), 2), right(number::text, 2), 'sealed',
    CASE state WHEN 'ACCEPTED' THEN 'DIALER_ACCEPTED' WHEN 'REJECTED' THEN 'DIALER_REJECTED' WHEN 'ABANDONED' THEN 'NO_ANI_AVAILABLE'
      WHEN 'FAILED' THEN 'DIALER_FAILED' WHEN 'EXPIRED' THEN 'TOO_OLD' ELSE 'DIALER_UNVERIFIABLE' END,
    received_at, received_at + interval '25 seconds', received_at, received_at + interval '1 day',
    received_at + (150 + 3000 * power(slowness, 6)) * interval '1 millisecond', 'answer'
  FROM ended, known`;

/** As the trigger counts, and as workers roll up. */
const FIGURES = `
  INSERT INTO lead_figures (company_id, period, begins_at, campaign_id, source, state, reason, within_ms, leads)
  SELECT company_id, period, CASE period WHEN 'minute' THEN date_trunc('minute', received_at) ELSE date_trunc(period, received_at, time_zone) END AS begins_at, campaign_id,
    COALESCE(source, ''), state, COALESCE(reason, ''), lead_within_ms(received_at, finished_at, outcome_source), count(*)
  FROM leads JOIN companies ON companies.id = company_id, LATERAL (
    SELECT CASE WHEN received_at > now() - interval '2 days' THEN 'minute' WHEN received_at > now() - interval '62 days' THEN 'hour' ELSE 'day' END AS period
  ) AS old
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY begins_at`;

/** Of the last week. */
const REFUSED = `
  WITH known AS (SELECT array_agg(id ORDER BY name) AS companies FROM companies)
  INSERT INTO refused_requests (id, at, company_id, key_id, status, code, reason, phone_digest, phone_last2)
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(number::text), 1, 3) || '8' ||
      substr(md5(number::text), 4, 15))::uuid, at, companies[1 + number % array_length(companies, 1)], gen_random_uuid(), 409, 'DUPLICATE_LEAD',
    'The phone came before.', repeat(md5(number::text), 2), right('0' || number::text, 2)
  FROM known, generate_series(1, $1::int) AS number, LATERAL (SELECT now() - (1 - number::float8 / $1::int) * interval '7 days' AS at) AS moment`;

/** Of the last 90 days. */
const AUDIT = `
  WITH known AS (SELECT array_agg(id ORDER BY name) AS companies FROM companies), written AS (
    INSERT INTO audit_entries (id, at, operation, actor, role, via, origin, company_id)
    SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(number::text), 1, 3) || '8' ||
        substr(md5(number::text), 4, 15))::uuid, at, 'dialer.hold', 'ops', 'admin', 'console', '192.0.2.1', companies[1 + number % array_length(companies, 1)]
    FROM known, generate_series(1, $1::int) AS number, LATERAL (SELECT now() - (1 - number::float8 / $1::int) * interval '90 days' AS at) AS moment
    RETURNING id, at
  )
  INSERT INTO audit_ends (entry_id, ended_at, outcome) SELECT id, at, 'done' FROM written`;
