/** The forms in which a text may be stored: as it is, and in encodings that anybody can decode. */
export function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const escaped = JSON.stringify(text).slice(1, -1);
  const forms = [
    bytes,
    Buffer.from(text, 'utf16le'),
    ...[hex, hex.toUpperCase(), encodeURIComponent(text), escaped, [...text].reverse().join('')].map((form) =>
      Buffer.from(form),
    ),
    ...[0, 1, 2].flatMap((before) => {
      const encoded = inBase64(bytes, before);
      return [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')].map((form) => Buffer.from(form));
    }),
  ];
  return [...new Map(forms.map((form) => [form.toString('latin1'), form])).values()];
}

/** What stays the same of it in Base64, whatever is around it. @param before so many bytes, modulo 3, are in front of it */
function inBase64(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const begins = Math.ceil((before * 8) / 6);
  const ends = Math.floor(((before + bytes.length) * 8) / 6);
  return encoded.slice(begins, ends);
}

/** Where things may have been left, by the name of the place. */
export type Remains = ReadonlyMap<string, Buffer>;

/** @returns a line for every marker that is in a place, in whatever form */
export function findMarkers(remains: Remains, markers: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  for (const [name, marker] of Object.entries(markers)) {
    const forms = formsOf(marker);
    for (const [place, bytes] of remains) {
      if (forms.some((form) => bytes.includes(form))) found.push(`${name} is in ${place}`);
    }
  }
  return found;
}
