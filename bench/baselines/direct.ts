import { connectDialers } from './dialer-call.ts';
import { buildLeadEndpoint } from './lead-endpoint.ts';
import { readSettings } from './settings.ts';

// One call to the dialing system per request: what a gateway without a queue does.
const settings = await readSettings();
const app = buildLeadEndpoint(settings.accounts, connectDialers(settings));
process.once('SIGTERM', () => void app.close());
console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
