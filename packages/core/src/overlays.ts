import { z } from 'zod';
import { addOverlay, placeOfAreaCode } from './places.ts';

/** An area code that came into service after the table of places was made, and one that it was laid over. */
export interface Overlay {
  readonly areaCode: string;
  readonly base: string;
}

/** Lines such as `457 318`: a new area code and the one that it is laid over. What follows a # is for people. */
export function overlaysSchema() {
  return z.string().transform((text, context) => {
    const overlays: Overlay[] = [];
    for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
      const words = line.replace(/#.*$/, '').trim();
      if (words === '') continue;
      const [, areaCode = '', base = ''] = /^([2-9][0-9]{2})[\s,;]+([2-9][0-9]{2})$/.exec(words) ?? [];
      if (placeOfAreaCode(base) !== undefined) overlays.push({ areaCode, base });
      else {
        const message = `must have a new area code and a known one of the United States in line ${at + 1}, such as "457 318"`;
        context.addIssue({ code: 'custom', message });
      }
    }
    return overlays;
  });
}

/** For this process, from now on: the new codes are where those are that they were laid over. */
export function useOverlays(overlays: readonly Overlay[] | undefined): void {
  for (const { areaCode, base } of overlays ?? []) addOverlay(areaCode, base);
}
