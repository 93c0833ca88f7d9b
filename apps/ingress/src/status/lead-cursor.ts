import { isId } from '@live-feed/core/ids';

/** Where a page of leads ends, for the next request to go on from: opaque to callers, so that it may become something else. */
export function cursorAfter(leadId: string): string {
  return Buffer.from(leadId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** @returns the id of the last lead that the caller has been shown; undefined for what is no cursor of ours */
export function readCursor(cursor: string): string | undefined {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) && cursorAfter(id) === cursor ? id : undefined;
}
