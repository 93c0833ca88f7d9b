/** Recognises a lead loader's 2xx body. Members that are not read here may be anything: the body goes on unchanged. */

import { z } from 'zod';
import type { UploadAnswer } from './lead-response.ts';

/** Twenty for each lead of an upload of the usual size. More are not looked at. */
const MOST_ROWS = 10_000;

/** Any number: one that counts nothing, as -1 or 0.5, is a contradiction, which is settled by read-back. */
const count = z.number();

const loaderAnswer = z.looseObject({
  leadsAccepted: count,
  leadsInserted: count.nullish(),
  leadsSupplied: count.nullish(),
  rejectedRows: z
    .array(
      z.looseObject({ message: z.string().nullish(), rowData: z.array(z.string().nullable()).nullish() }),
    )
    .nullish(),
});

/** True for a body whose counts and rows can be read; without the number `leadsAccepted` nothing is known. */
export function isLoaderAnswer(body: unknown): body is UploadAnswer {
  return !hasTooManyRows(body) && loaderAnswer.safeParse(body).success;
}

function hasTooManyRows(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('rejectedRows' in body)) return false;
  return Array.isArray(body.rejectedRows) && body.rejectedRows.length > MOST_ROWS;
}
