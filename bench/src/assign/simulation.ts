import { areWithin, distanceKm } from '@live-feed/core/caller-id/places';
import { seededRandom } from '@live-feed/tools/seeded-random';
import { areaCodeDraw } from './population.ts';
import {
  areaCodeOf,
  areaCodeStrategy,
  liveFeedStrategy,
  placeOf,
  randomStrategy,
  type Strategy,
} from './strategies.ts';

const LEADS = 100_000;
const ANIS = 500;
const DAILY_CAP = 75;
/** What 500 ANIs may do in a day is 37,500 calls. */
const DAYS = 3;
const UPLOAD = 500;
const SEED = 1;

/** What a strategy made of the leads. */
export interface SimulatedRow {
  readonly strategy: string;
  /** Of all leads, in percent, by how near their ANI is, whatever it was chosen for. */
  readonly areaCode: number;
  readonly nearby: number;
  readonly state: number;
  readonly farther: number;
  readonly without: number;
  readonly meanKm: number;
  /** Uses of the busiest ANI through those of the idlest. */
  readonly busiestToIdlest: number;
  /** Uses of an ANI in a day, at most; days of ANIs with more than the cap. */
  readonly mostInADay: number;
  readonly overCap: number;
}

/** The same leads for every strategy: people of the whole country, none of them twice. */
export function simulate(): SimulatedRow[] {
  const random = seededRandom(SEED);
  const drawAreaCode = areaCodeDraw(random);
  const phones = (count: number, exchange: number) =>
    Array.from({ length: count }, (_, n) => `${drawAreaCode()}${exchange * 1_000_000 + n}`);
  const anis = phones(ANIS, 2);
  const leads = phones(LEADS, 5);
  return [
    liveFeedStrategy(anis, DAILY_CAP),
    randomStrategy(anis, random),
    areaCodeStrategy(anis, random),
  ].map((strategy) => run(strategy, anis, leads));
}

function run(strategy: Strategy, anis: readonly string[], leads: readonly string[]): SimulatedRow {
  const tally = createTally(anis);
  const perDay = Math.ceil(leads.length / DAYS);
  for (let from = 0; from < leads.length; from += perDay) {
    const today = leads.slice(from, from + perDay);
    for (let at = 0; at < today.length; at += UPLOAD) {
      const upload = today.slice(at, at + UPLOAD);
      const assigned = strategy.assign(upload);
      for (const [place, phone] of upload.entries()) tally.count(phone, assigned[place]);
    }
    tally.endDay();
    strategy.newDay();
  }
  return { strategy: strategy.name, ...tally.result(leads.length) };
}

function createTally(anis: readonly string[]) {
  const near = { areaCode: 0, nearby: 0, state: 0, farther: 0, without: 0 };
  const uses = new Map(anis.map((ani) => [ani, 0]));
  let today = new Map<string, number>();
  let km = 0;
  let mostInADay = 0;
  let overCap = 0;
  return {
    count(phone: string, ani: string | undefined) {
      const [from, to] = [placeOf(phone), placeOf(ani ?? '')];
      if (ani === undefined || from === undefined || to === undefined) {
        near.without += 1;
        return;
      }
      km += distanceKm(from, to);
      uses.set(ani, (uses.get(ani) ?? 0) + 1);
      today.set(ani, (today.get(ani) ?? 0) + 1);
      if (areaCodeOf(phone) === areaCodeOf(ani)) near.areaCode += 1;
      else if (areWithin(150, from, to)) near.nearby += 1;
      else if (from.state === to.state) near.state += 1;
      else near.farther += 1;
    },
    endDay() {
      mostInADay = Math.max(mostInADay, ...today.values());
      overCap += [...today.values()].filter((used) => used > DAILY_CAP).length;
      today = new Map();
    },
    result(leads: number) {
      const percent = (count: number) => (100 * count) / leads;
      const { areaCode, nearby, state, farther, without } = near;
      return {
        areaCode: percent(areaCode),
        nearby: percent(nearby),
        state: percent(state),
        farther: percent(farther),
        without: percent(without),
        meanKm: km / (leads - without),
        busiestToIdlest: Math.max(...uses.values()) / Math.min(...uses.values()),
        mostInADay,
        overCap,
      };
    },
  };
}
