import { group, leaf, type Run } from '../terminal/command.ts';

export function sealCommands(run: Run) {
  return group('seal')
    .addCommand(
      leaf(
        'rotate',
        'seal everything with the first key of SEAL_KEYS, while the system runs; may be run again',
      ).action((options) =>
        run(options, async (session) => (await import('./reseal.ts')).rotateSeals(session)),
      ),
    )
    .addCommand(
      leaf('status', 'how much is sealed with which other key: when an old one may go').action((options) =>
        run(options, async (session) => (await import('./reseal.ts')).countSealed(session)),
      ),
    );
}
