import { runMain } from '@live-feed/runtime/main';
import { dashboardEnvironment } from './environment.ts';
import { startDashboardProcess } from './start.ts';

await runMain('dashboard', dashboardEnvironment, startDashboardProcess);
