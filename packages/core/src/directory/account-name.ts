/** What a lead was sent to, kept on its row: a lead is never looked for on another account. */
export function accountName(dialer: {
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
}): string {
  return `${dialer.family} ${dialer.baseUrl} ${dialer.accountId}`;
}
