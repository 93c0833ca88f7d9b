import { group, leaf, type Run } from './command.ts';
import { countSealed, rotateSeals } from './reseal.ts';

export function sealCommands(run: Run) {
  return group('seal', 'the keys that seal what rests (SEAL_KEYS)')
    .addCommand(
      leaf(
        'rotate',
        'seal everything with the first key of SEAL_KEYS, while the system runs; may be run again',
      ).action((options) => run(options, rotateSeals)),
    )
    .addCommand(
      leaf('status', 'how much is sealed with which other key: when an old one may go').action((options) =>
        run(options, countSealed),
      ),
    );
}
