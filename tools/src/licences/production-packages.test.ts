import { expect, test } from 'vitest';
import { packagesWithInstallScripts, productionPackages } from './production-packages.ts';

const lock = {
  packages: {
    '': { name: 'root' },
    'apps/web': { dependencies: { '@own/core': '1', http: '2' } },
    'packages/core': { dependencies: { http: '1' }, optionalDependencies: { native: '1', elsewhere: '1' } },
    'tools/cli': { dependencies: { chalk: '1' } },
    'node_modules/@own/core': { link: true, resolved: 'packages/core' },
    'node_modules/http': { version: '2.0.0', license: 'MIT', dependencies: { parse: '1' } },
    'node_modules/http/node_modules/parse': { version: '1.5.0' },
    'packages/core/node_modules/http': { version: '1.0.0', license: 'ISC' },
    'node_modules/native': { version: '1.0.0', license: 'MIT', hasInstallScript: true },
    'node_modules/chalk': { version: '1.0.0', license: 'MIT' },
  },
};

test('what a workspace reaches, each version of it, through other workspaces and nested folders', () => {
  expect(productionPackages(lock, ['apps/web'])).toEqual([
    { name: 'http', version: '1.0.0', licence: 'ISC' },
    { name: 'http', version: '2.0.0', licence: 'MIT' },
    { name: 'native', version: '1.0.0', licence: 'MIT' },
    { name: 'parse', version: '1.5.0', licence: 'UNKNOWN' },
  ]);
});

test('what runs something when it is installed', () => {
  expect(packagesWithInstallScripts(lock)).toEqual(['native']);
});
