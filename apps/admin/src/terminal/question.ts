import { read } from 'read';
import { Interrupted, Refusal, UsageError } from './refusal.ts';
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
  if (!terminal.stdin.isTTY)
    throw new UsageError(`${text}: there is no terminal to ask on, so name ${option}.`);
  for (;;) {
    const answer = await readLine(terminal, {
      prompt: `${text}: `,
      ...(initial === undefined ? {} : { default: initial }),
    }).catch((cause: unknown) => {
      throw new Refusal('Nothing was entered. What was done so far stays; run the command again.', { cause });
    });
    try {
      return parse(answer.trim());
    } catch (error) {
      terminal.stderr.write(`${error instanceof Error ? error.message : 'That is not right.'}\n`);
    }
  }
}

interface Prompt {
  readonly prompt: string;
  readonly default?: string;
  readonly silent?: boolean;
}

/**
 * A line of the terminal. Ctrl-D ends the input, which `read` waits for without end: readline then pauses the stream, as it does after a line.
 *
 * @throws Interrupted on Ctrl-C
 * @throws Error on Ctrl-D
 */
export async function readLine({ stdin, stderr }: Terminal, options: Prompt): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = () => setImmediate(() => reject(new Error('The input ended.')));
    stdin.once('pause', ended);
    read({ ...options, input: stdin, output: stderr })
      .then(resolve, (error: unknown) => reject(isCtrlC(error) ? new Interrupted('Ctrl-C.') : error))
      .finally(() => stdin.off('pause', ended));
  });
}

/** The only word that `read` has for it. */
function isCtrlC(error: unknown): boolean {
  return error instanceof Error && error.message === 'canceled';
}
