import type { AniStanding } from '@live-feed/database/caller-ids/ani-inventory';
import { aniList, aniStats } from '@live-feed/operations/ani/anis';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report, table } from '../terminal/report.ts';

interface Search {
  readonly standing?: AniStanding | undefined;
  readonly flagged?: true | undefined;
  readonly place?: string | undefined;
  readonly campaign?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export async function listNumbers(
  session: Session,
  name: string,
  { standing, flagged, place, campaign: campaignId, after, limit }: Search,
): Promise<Report> {
  const search = { standing, flagged, place, campaignId, after, limit };
  const { company, anis } = await session.perform(aniList, { company: name, ...search });
  const more = anis.length < limit ? '' : `\n\nMore: --after ${anis.at(-1)?.phone}`;
  const isWhole = [standing, flagged, place, campaignId, after].every((each) => each === undefined);
  return {
    text:
      table(
        ['number', 'status', 'today', 'cap', 'cools down until', 'flagged', 'last assigned', 'pools'],
        anis.map((ani) => [
          ...[ani.phone, ani.status, ani.usedToday, ani.cap],
          ...[ani.coolingUntil, ani.flaggedAt, ani.lastAssignedAt, ani.pools.join(' ')],
        ]),
        `"${company.name}" has no numbers${isWhole ? ` yet. Add some: ${hint`ani import --help`}` : ' of that kind, or none after that one'}.`,
      ) + more,
    data: anis,
  };
}

export async function showStats(session: Session, name: string): Promise<Report> {
  const data = await session.perform(aniStats, { company: name });
  const { today, anis, usable, used, capacity, atCap, tiers, rules, places, warning } = data;
  return {
    text: [
      facts([
        ['day', `${today} in ${rules.timeZone}`],
        ['numbers', anis],
        ['usable', usable],
        ['used today', `${used} of ${capacity}`],
        ['at their caps', atCap],
        ['cap without an own', rules.dailyCap],
        ['if none is left', rules.whenNone],
      ]),
      ...(places.length === 0
        ? []
        : [
            table(
              ['place', 'numbers', 'used today', 'at their caps', 'cooling', 'paused'],
              places.map(({ place, anis, used, capacity, standings }) => [
                ...[
                  place,
                  anis,
                  `${used} of ${capacity}`,
                  standings.at_cap,
                  standings.cooling,
                  standings.paused,
                ],
              ]),
              '',
            ),
          ]),
      table(
        ['tier', "today's leads"],
        tiers.map(({ tier, leads }) => [tier, leads]),
        'No lead was assigned a number today.',
      ),
      ...(warning === undefined ? [] : [warning]),
    ].join('\n\n'),
    data,
  };
}
