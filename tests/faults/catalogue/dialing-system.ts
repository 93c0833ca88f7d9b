import type { Fault } from '../fault.ts';
import { dialingSystemsDo } from '../system/dialing-system.ts';

/** Of the uploads, so many meet the fault: the rest shows that the system goes on. */
const SOME = 0.3;

export const dialingSystemFaults: readonly Fault[] = [
  odd('page-404', 'something in front answers 404 with a page', { kind: 'page', status: 404 }),
  odd('page-403', 'something in front answers 403 with a page', { kind: 'page', status: 403 }),
  odd('gzips', 'the dialing system compresses its answers', { kind: 'encoded', coding: 'gzip' }, 1),
  odd('contradicts', 'answers that contradict themselves, of leads that were taken', {
    kind: 'altered',
    members: { leadsInserted: 0, processingResult: 'FAILED', processingStatus: 'GENERAL_FAILURE' },
  }),
  odd('untaken', 'answers that contradict themselves, of leads that were not taken', {
    kind: 'altered',
    members: { leadsInserted: 0, processingResult: 'FAILED', processingStatus: 'GENERAL_FAILURE' },
    when: 'beforeStoring',
  }),
  odd('nested', 'answers nested 10,000 deep', { kind: 'bloated', form: 'nested', count: 10_000 }),
  odd('rows', 'answers with 24,000 rejected rows', { kind: 'bloated', form: 'rows', count: 24_000 }),
];

function odd(
  name: string,
  what: string,
  fault: Readonly<Record<string, unknown>>,
  probability = SOME,
): Fault {
  return {
    name: `dialing-system-${name}`,
    what,
    target: 'dialing system',
    async strike({ system }) {
      await dialingSystemsDo(system, [{ on: 'upload', probability, fault }]);
      return () => dialingSystemsDo(system);
    },
  };
}
