import { expect, test } from 'vitest';
import { physicalLimit } from './physical-limit.ts';

const known = { permitsPerSecond: 1.8, maxima: [500, 1_000], cores: 2, measuredPerSecond: 1_400 };

test('permits times the largest upload, and cores over CPU time', () => {
  const text = physicalLimit({ ...known, cpuMicrosPerLead: 1_000 });
  expect(text).toContain('900 leads/s with 500 in an upload, 1,800 leads/s with 1,000');
  expect(text).toContain('1,000 µs a lead are 2,000 leads/s on 2 cores');
});

test('says nothing of the CPU where nobody tells it', () => {
  expect(physicalLimit({ ...known, cpuMicrosPerLead: null })).not.toContain('CPU');
});
