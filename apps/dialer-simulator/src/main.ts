import { listenOn } from '@live-feed/runtime/configuration/listen-address';
import { runMain } from '@live-feed/runtime/main';
import { simulatorEnvironment } from './environment.ts';
import { buildSimulator } from './simulator.ts';

await runMain('dialer-simulator', simulatorEnvironment, async ({ env, lifecycle }) => {
  const simulator = buildSimulator({
    logger: env.LOG_REQUESTS,
    enforceLimits: env.ENFORCE_LIMITS,
    newBridgeAuthHeader: env.NEWBRIDGE_AUTH_HEADER,
    ...(env.TOKENS && { tokens: env.TOKENS }),
  });
  lifecycle.onStop('HTTP', () => simulator.close());
  const address = { host: env.HOST, port: env.PORT, variables: { host: 'HOST', port: 'PORT' } };
  return { url: await listenOn(address, (at) => simulator.listen(at)) };
});
