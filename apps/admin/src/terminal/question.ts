import { read } from 'read';
import { Refusal, UsageError } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/** What is asked for where an option is missing. */
export interface Question<Value> {
  readonly text: string;
  /** The option that answers it. */
  readonly option: string;
  readonly initial?: string | undefined;
  /** @throws for an answer that is not right, with what is wrong */
  readonly parse: (answer: string) => Value;
}

/**
 * Asks on a terminal until the answer is right.
 *
 * @throws UsageError elsewhere: names the option
 * @throws Refusal if the input ends
 */
export async function ask<Value>(terminal: Terminal, question: Question<Value>): Promise<Value> {
  const { text, option, initial, parse } = question;
  const { stdin, stderr } = terminal;
  if (!stdin.isTTY) throw new UsageError(`${text}: there is no terminal to ask on, so name ${option}.`);
  for (;;) {
    const answer = await read({
      prompt: `${text}: `,
      ...(initial === undefined ? {} : { default: initial }),
      input: stdin,
      output: stderr,
    }).catch((cause: unknown) => {
      throw new Refusal('Nothing was entered. What was done so far stays; run the command again.', { cause });
    });
    try {
      return parse(answer.trim());
    } catch (error) {
      stderr.write(`${error instanceof Error ? error.message : 'That is not right.'}\n`);
    }
  }
}
