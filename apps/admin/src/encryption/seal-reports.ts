import { sealRotate, sealStatus } from '@live-feed/operations/encryption/seals';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report, table } from '../terminal/report.ts';

/** Re-encrypts everything with the current key, then counts what is left. */
export async function rotateSeals(session: Session): Promise<Report> {
  const progress = startProgress(session.terminal, 'leads and phones');
  try {
    const data = await session.perform(sealRotate, {}, progress.show);
    const said = `Encrypted ${count(data.resealed, 'text')} with the key "${data.currentKeyId}".`;
    return { text: `${said}\n\n${textOf(data)}`, data, failed: isLeft(data) };
  } finally {
    progress.stop();
  }
}

/** Counts what is encrypted with another key than the current one. */
export async function countSealed(session: Session): Promise<Report> {
  const progress = startProgress(session.terminal, 'leads and phones');
  try {
    const data = await session.perform(sealStatus, {}, progress.show);
    return { text: textOf(data), data, failed: isLeft(data) };
  } finally {
    progress.stop();
  }
}

type Sealed = Awaited<ReturnType<typeof sealStatus.run>>;

function isLeft({ remaining, interrupted }: Sealed): boolean {
  return remaining.length > 0 || interrupted === true;
}

function textOf({ currentKeyId, remaining, interrupted }: Sealed): string {
  if (interrupted) return 'Interrupted before everything was checked. Run it again to continue.';
  const done =
    `Everything is encrypted with the key "${currentKeyId}". Remove older keys from SEAL_KEYS once every process has had ` +
    `"${currentKeyId}" as its first key for two minutes.`;
  return table(
    ['key', 'where', 'texts'],
    remaining.map(({ keyId, where, count: texts }) => [keyId, where, texts]),
    done,
  );
}
