/** What the command line is called where nobody says otherwise, in hints and examples. */
const NAME = 'admin';

/** A command of this command line, to be pasted: hint`dialer release ${company.name}`. What is put in is quoted for a shell. */
export function hint(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const command = parts.reduce((text, part, at) => `${text}${word(values[at - 1] ?? '')}${part}`);
  return `\`${NAME} ${command}\``;
}

/** Hints and examples as they are typed here: `npm run admin -- key list`. @param name undefined: as they are */
export function asTyped(text: string, name: string | undefined): string {
  return name === undefined ? text : text.replaceAll(/(`|^ {2})admin (?=[a-z-])/gm, `$1${name} `);
}

function word(text: string): string {
  if (/^[\w.:/@-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}
