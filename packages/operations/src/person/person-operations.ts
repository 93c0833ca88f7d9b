import type { AnyOperation } from '../operation.ts';
import {
  personEndSessions,
  personSessions,
  personSetPassword,
  personTotpOff,
  personTotpOn,
} from './own-account.ts';
import { personAdd, personDisable, personEnable, personList, personRemove, personSet } from './people.ts';

export const PERSON_OPERATIONS: readonly AnyOperation[] = [
  ...[personAdd, personDisable, personEnable, personList, personRemove, personSet],
  ...[personEndSessions, personSessions, personSetPassword, personTotpOff, personTotpOn],
];
