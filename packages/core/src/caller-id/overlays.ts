import { z } from 'zod';
import { addOverlay, placeOfAreaCode } from './places.ts';

/** An area code that the table of places lacks or has wrong, and one of the same area. */
export interface Overlay {
  readonly areaCode: string;
  readonly base: string;
}

/** Lines such as `457 318`: an area code and one of the same area, which the table has. What follows a # is for people. */
export function overlaysSchema() {
  return z.string().transform((text, context) => {
    const overlays: Overlay[] = [];
    for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
      const words = line.replace(/#.*$/, '').trim();
      if (words === '') continue;
      const [, areaCode = '', base = ''] = /^([2-9][0-9]{2})[\s,;]+([2-9][0-9]{2})$/.exec(words) ?? [];
      if (placeOfAreaCode(base) !== undefined) overlays.push({ areaCode, base });
      else {
        const message = `must have an area code, and a known one of the United States in the same area, in line ${at + 1}, such as "457 318"`;
        context.addIssue({ code: 'custom', message });
      }
    }
    return overlays;
  });
}

/** For this process, from now on: each code is where the other one of its line is. */
export function useOverlays(overlays: readonly Overlay[] | undefined): void {
  for (const { areaCode, base } of overlays ?? []) addOverlay(areaCode, base);
}
