import { z } from 'zod';

/** EX_CONFIG of sysexits.h: a restart does not help until the configuration is corrected. */
export const EXIT_CONFIGURATION = 78;

/** The variables of a process, as text. An empty value counts as not set. */
export type EnvironmentSource = Readonly<Record<string, string | undefined>>;

/** What is wrong with one variable. `problem` never contains its value. */
export type EnvironmentProblem = { readonly name: string; readonly problem: string };

/** One or more variables are missing or wrong. The message names them all and may be shown and logged. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENVIRONMENT_INVALID';
  readonly problems: readonly EnvironmentProblem[];

  constructor(problems: readonly EnvironmentProblem[]) {
    const count =
      problems.length === 1
        ? 'One environment variable needs'
        : `${problems.length} environment variables need`;
    const lines = problems.map(({ name, problem }) => `  ${name} ${problem}`);
    super([`${count} attention:`, ...lines].join('\n'));
    this.problems = problems;
  }
}

/** A variable as the documentation shows it. */
export type EnvironmentRow = {
  readonly name: string;
  readonly required: boolean;
  /** As written in the environment; undefined if there is none. */
  readonly default: string | undefined;
  readonly description: string;
};

/**
 * A process's typed configuration, from a flat schema whose keys are the names of the variables (see
 * `environment-kinds.ts` for the kinds). Variables that are not in the schema are ignored.
 *
 * @throws EnvironmentError naming every missing or wrong variable at once.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  source: EnvironmentSource,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = source[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const reading = schema.safeParse(given);
  if (reading.success) return reading.data;

  // One problem per variable, the first. A problem that concerns several is reported under its own path.
  const problems = new Map<string, string>();
  for (const issue of reading.error.issues) {
    const name = String(issue.path[0] ?? 'The environment');
    if (!problems.has(name)) problems.set(name, problemOf(schema, name, issue.message, given[name]));
  }
  throw new EnvironmentError([...problems].map(([name, problem]) => ({ name, problem })));
}

/** The variables of a schema, in its order: for `.env.example`, for docs/configuration.md, and to check both. */
export function describeEnvironment(schema: z.ZodObject): EnvironmentRow[] {
  return Object.entries(schema.shape).map(([name, variable]) => {
    const reading = z.safeParse(variable, undefined);
    return {
      name,
      required: !reading.success,
      default: reading.success ? asText(reading.data) : undefined,
      description: descriptionOf(variable),
    };
  });
}

function problemOf(schema: z.ZodObject, name: string, message: string, value: string | undefined): string {
  const variable = schema.shape[name];
  const purpose = variable === undefined ? '' : descriptionOf(variable);
  const state = value === undefined ? 'is not set; it ' : '';
  return `${state}${withoutValue(message, value)}${purpose === '' ? '' : ` (${purpose})`}`;
}

/** Zod's own messages contain no values; a hand-written check might. */
function withoutValue(message: string, value: string | undefined): string {
  return value === undefined || value.length < 4 ? message : message.replaceAll(value, '***');
}

/** The description may have been given before or after `.default()` and the like were put around the kind. */
function descriptionOf(variable: z.core.$ZodType): string {
  const own = z.globalRegistry.get(variable)?.description;
  if (own !== undefined) return own;
  if (
    variable instanceof z.ZodDefault ||
    variable instanceof z.ZodPrefault ||
    variable instanceof z.ZodOptional ||
    variable instanceof z.ZodNullable
  ) {
    return descriptionOf(variable.def.innerType);
  }
  return variable instanceof z.ZodPipe ? descriptionOf(variable.def.in) : '';
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.join(',') : String(value);
}
