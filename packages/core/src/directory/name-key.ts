/** Invisible characters in a name. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** A name as it is kept: composed, without invisible characters, with single spaces. */
export function tidyName(name: string): string {
  return name.normalize('NFC').replaceAll(INVISIBLE, '').replaceAll(/\s+/g, ' ').trim();
}

/** Equal for names that people read as one: case, width, spaces and invisible characters make no difference. */
export function nameKey(name: string): string {
  return tidyName(name.normalize('NFKC')).toUpperCase().toLowerCase();
}
