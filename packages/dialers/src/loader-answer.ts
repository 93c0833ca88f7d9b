/** Recognises a lead loader's 2xx body. Members that nobody here reads may be anything: the body goes on unchanged. */

import type { UploadAnswer } from '@live-feed/core/dialer-response';
import { z } from 'zod';

const count = z.int().nonnegative();

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

/** True for a body whose counts and rows can be relied on; without an integer `leadsAccepted` nothing is known. */
export function isLoaderAnswer(body: unknown): body is UploadAnswer {
  return loaderAnswer.safeParse(body).success;
}
