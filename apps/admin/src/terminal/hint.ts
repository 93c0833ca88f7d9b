import type { OperationName, See } from '@live-feed/operations/refusal';

/** The command line's name in hints and examples, unless ADMIN_COMMAND names another. */
const NAME = 'admin';

/** A command of this command line, ready to paste: hint`dialer release ${company.name}`. Values are quoted for a shell. */
export function hint(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const command = parts.reduce((text, part, at) => `${text}${word(values[at - 1] ?? '')}${part}`);
  return `\`${NAME} ${command}\``;
}

/** The command of the operation that helps: "Add it: `admin campaign add --help`". */
export function hintOf({ operation, to = 'See', values }: See): string {
  const command = operation.replace('.', ' ');
  const rest =
    values?.map((value) => ` ${word(value)}`).join('') ?? (needsValues(operation) ? ' --help' : '');
  return `${to}: \`${NAME} ${command}${rest}\``;
}

function needsValues(operation: OperationName): boolean {
  return !operation.endsWith('.list');
}

/** Hints and examples as this user types them: `npm run admin -- key list`. @param name undefined changes nothing */
export function asTyped(text: string, name: string | undefined): string {
  return name === undefined ? text : text.replaceAll(/(`|^ {2})admin (?=[a-z-])/gm, `$1${name} `);
}

function word(text: string): string {
  if (/^[\w.:/@-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}
