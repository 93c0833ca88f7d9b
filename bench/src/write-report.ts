import { writePage } from './report/results-folder.ts';

// `npm run bench:report`: writes docs/performance.md from bench/results and bench/notes.
await writePage();
