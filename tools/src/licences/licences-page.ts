import type { ProductionPackage } from './production-packages.ts';

/** What the image has the production dependencies of. */
export const PRODUCTION_WORKSPACES = [
  'apps/dashboard',
  'apps/dialer-simulator',
  'apps/ingress',
  'apps/worker',
];

/** The text of docs/licences.md. */
export function licencesPage(packages: readonly ProductionPackage[]): string {
  const counts = new Map<string, number>();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const byCount = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return [
    '# Licences',
    '',
    'What runs in production, from `package-lock.json`: the dependencies of the four apps, and theirs. Written by `npm run licences`; a test fails when',
    'it is not up to date, and when a licence comes in that nobody has looked at.',
    '',
    '| licence | packages |',
    '|---|---|',
    ...byCount.map(([licence, count]) => `| ${licence} | ${count} |`),
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    '',
  ].join('\n');
}
