import { buildProgram } from '@live-feed/admin/program';
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
