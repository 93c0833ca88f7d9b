import { buildProgram } from '@live-feed/admin/program';
import { dncAdd, dncImport } from '@live-feed/operations/dnc/dnc-operations';
import { maskedInput } from '@live-feed/operations/inputs/masked-input';
import { leadResend } from '@live-feed/operations/lead/resend/lead-resend';
import { isChange } from '@live-feed/operations/operation';
import { OPERATIONS } from '@live-feed/operations/operations';
import { expect, test } from 'vitest';
import { z } from 'zod';

test('operations have names and routes of their own', () => {
  for (const key of ['name', 'route'] as const) {
    const values = OPERATIONS.map((operation) => operation[key].replaceAll(/:\w+/g, ':'));
    expect(new Set(values).size).toBe(values.length);
  }
});

test('each is a command of the command line', async () => {
  const program = await buildProgram(async () => undefined);
  const commands = program.commands.flatMap((group) =>
    group.commands.map((command) => `${group.name()}.${command.name()}`),
  );
  expect(OPERATIONS.map(({ name }) => name).filter((name) => !commands.includes(name))).toEqual([]);
});

test('a viewer changes nothing, and what takes input can be described', () => {
  for (const operation of OPERATIONS) {
    if (isChange(operation)) expect([operation.name, operation.role]).not.toEqual([operation.name, 'viewer']);
    expect(z.toJSONSchema(operation.input, { io: 'input' })).toHaveProperty('type', 'object');
  }
});

test('what is in a route is in the input', () => {
  for (const { route, input, name } of OPERATIONS) {
    const members = Object.keys(z.toJSONSchema(input, { io: 'input' }).properties ?? {});
    const parameters = [...route.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter);
    expect([name, parameters.filter((parameter) => !members.includes(parameter ?? ''))]).toEqual([name, []]);
  }
});

test('the audit log has no names of callees, and no reasons that lists keep encrypted', () => {
  const reason = 'asked Jo for it';
  const inputs = [
    maskedInput(leadResend.input, { lead: 'x', fields: { firstName: 'Jo', state: 'FL' } }),
    maskedInput(dncAdd.input, { company: 'Acme', phones: ['5551234567'], reason }),
    maskedInput(dncImport.input, { company: 'Acme', rows: [{ phone: '5551234567', reason }] }),
  ];
  expect(inputs[0]).toMatchObject({ fields: { firstName: '(secret)', state: '(secret)' } });
  expect(JSON.stringify(inputs)).not.toMatch(/Jo|FL|555/);
});
