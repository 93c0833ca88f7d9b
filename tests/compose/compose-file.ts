import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { parse } from 'yaml';

/** A service of docker-compose.yml, as far as it is looked at here. */
export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly pull_policy?: string;
  readonly mem_limit?: string;
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly deploy?: { readonly replicas: number };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** docker-compose.yml as Compose reads it: variables replaced, anchors merged. */
export function readComposeFile(given: Readonly<Record<string, string>>): ComposeFile {
  return parse(interpolate(composeText(), given), { merge: true }) as ComposeFile;
}

export function composeText(): string {
  return readFileSync(join(cloneDir, 'docker-compose.yml'), 'utf8');
}

class VariableNotSetError extends Error {
  override readonly name = 'VariableNotSetError';
}

/**
 * As Compose does it: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`; what is empty counts as not set.
 *
 * @throws VariableNotSetError for `${NAME:?message}` without a value
 */
export function interpolate(text: string, given: Readonly<Record<string, string>>): string {
  return text.replaceAll(VARIABLE, (_, name: string, kind: string | undefined, rest: string | undefined) => {
    const value = given[name];
    if (value !== undefined && value !== '') return value;
    if (kind === '?') throw new VariableNotSetError(`${name}: ${rest}`);
    return rest ?? '';
  });
}

const VARIABLE = /\$\{([A-Z_]+)(?::([?-])([^}]*))?\}/g;

/** `512m`, `1g` of Compose, `512mb` of Redis, all in powers of 1,024. */
export function memoryBytes(text: string): number {
  const [, amount, unit] = /^(\d+)(m|mb|g|gb)$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`"${text}" is not a number of megabytes or gigabytes.`);
  return Number(amount) * (unit?.startsWith('g') ? 1_024 ** 3 : 1_024 ** 2);
}

/** `30s`, `1m`. */
export function composeDurationMs(text: string): number {
  const [, amount, unit] = /^(\d+)(s|m)$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`"${text}" is not a duration in seconds or minutes.`);
  return Number(amount) * (unit === 'm' ? 60_000 : 1_000);
}
