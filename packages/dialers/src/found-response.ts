/**
 * The `dialerResponse` of a lead whose own answer is lost, but which the dialing system turned out to hold: in the members that the API
 * documents, whatever the family.
 *
 * @returns JSON text
 */
export function foundResponse(by: 'read-back' | 'person'): string {
  return JSON.stringify({
    message: MESSAGES[by],
    leadsSupplied: 1,
    leadsAccepted: 1,
    leadsInserted: 1,
    processingResult: 'OK',
    processingStatus: 'DEFAULT_NOT_A_FAILURE',
  });
}

const MESSAGES = {
  'read-back':
    'The lead was found in the dialing system by read-back; the answer to its upload was lost or did not tell',
  person: 'The lead was found in the dialing system by a person; the answer to its upload was lost',
};
