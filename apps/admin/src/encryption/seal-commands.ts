import { group, leaf, type Run } from '../command.ts';

export function sealCommands(run: Run) {
  return group('seal')
    .addCommand(
      leaf(
        'rotate',
        're-encrypt everything with the first key of SEAL_KEYS while the system runs; may be run again',
      ).action((options) =>
        run(options, async (session) => (await import('./seal-reports.ts')).rotateSeals(session)),
      ),
    )
    .addCommand(
      leaf('status', 'count what is encrypted with other keys: at 0 they can be removed').action((options) =>
        run(options, async (session) => (await import('./seal-reports.ts')).countSealed(session)),
      ),
    );
}
