import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function createCapture() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ name: 'worker', level: 'info', destination });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

const planted = {
  token: 'planted-token',
  key: 'planted-key',
  name: 'Plantedjane',
  email: 'planted@example.com',
  phone: '5559876543',
};

describe('a logger', () => {
  it('writes one JSON line with ISO time, level label and service', () => {
    const { logger, lines, last } = createCapture();
    logger.warn({ leadId: 'l-1', uploadSize: 3 }, 'lead answered');
    logger.debug('not shown at this level');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'worker',
      pid: process.pid,
      hostname: expect.any(String),
      leadId: 'l-1',
      uploadSize: 3,
      msg: 'lead answered',
    });
  });

  it('lets no secret through, wherever it was put', () => {
    const { logger, lines } = createCapture();
    const failure = Object.assign(
      new Error(
        `POST https://jane:${planted.token}@host/load?key=${planted.key} failed for ${planted.phone}`,
        {
          cause: new Error(`"token":"${planted.token}" of ${planted.email}`),
        },
      ),
      {
        code: 'ETIMEDOUT',
        options: { headers: { 'x-auth-token': planted.token }, json: [{ firstName: planted.name }] },
        request: { body: planted.name },
        response: { body: planted.email, headers: { cookie: planted.key } },
        detail: `Key (name)=(${planted.name})`,
      },
    );

    logger.info({ lead: { ...planted, nested: [{ deeper: planted }] } }, 'object');
    logger.child(planted).child({ dialer: planted }).info('bindings');
    logger.setBindings({ authorization: planted.token });
    logger.info('interpolated %s %j', planted.email, planted);
    logger.error({ err: failure });
    logger.error({ error: failure, extra: new AggregateError([failure], planted.phone) });
    logger.error(failure);
    logger.error(failure, 'with a message');
    logger.error({ err: new AggregateError([failure], `all of ${planted.phone}`) });
    logger.child({ err: failure }, { serializers: { req: (req: unknown) => req } }).info({ req: planted });

    expect(lines).toHaveLength(9);
    for (const secret of Object.values(planted)) expect(lines.join('')).not.toContain(secret);
  });

  it('tells type, code, message, stack and cause of an error, and no more', () => {
    const { logger, last } = createCapture();
    const cause = new TypeError('socket closed');
    logger.error(Object.assign(new Error('upload failed', { cause }), { code: 'ECONNRESET', options: {} }));
    expect(last()).toMatchObject({ level: 'error', msg: 'upload failed' });
    expect(last().err).toEqual({
      type: 'Error',
      code: 'ECONNRESET',
      message: 'upload failed',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'TypeError', message: 'socket closed', stack: expect.any(String) },
    });
  });

  it('survives an error that is its own cause, and things thrown that are no errors', () => {
    const { logger, lines } = createCapture();
    const circular = new Error('circular');
    circular.cause = circular;
    const oddities = new Error('odd', { cause: { password: planted.token } });
    logger.error(circular);
    logger.error(oddities);
    logger.error({ err: 'just a text' });
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain(planted.token);
  });
});
