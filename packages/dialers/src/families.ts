/** The families of dialing systems that there is a lead loader for. */
export const FAMILIES = ['ringcx', 'newbridge'] as const;

export type SupportedFamily = (typeof FAMILIES)[number];

export function isSupportedFamily(family: string): family is SupportedFamily {
  return FAMILIES.some((supported) => supported === family);
}
