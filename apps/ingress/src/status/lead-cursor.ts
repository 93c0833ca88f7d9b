import { isId } from '@live-feed/core/ids';

/** The position after a page of leads, where the next request continues. Opaque to callers, so that its form may change. */
export function cursorAfter(leadId: string): string {
  return Buffer.from(leadId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** @returns the id of the last lead of the page before; undefined if this is not a cursor */
export function readCursor(cursor: string): string | undefined {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) && cursorAfter(id) === cursor ? id : undefined;
}
