import { connectDialer } from './dialer-call.ts';
import { buildLeadEndpoint } from './lead-endpoint.ts';
import { readSettings } from './settings.ts';

// One call to the dialing system per request: what a gateway without a queue does.
const { apiKey, dialer } = await readSettings();
const app = buildLeadEndpoint(apiKey, connectDialer(dialer));
process.once('SIGTERM', () => void app.close());
console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
