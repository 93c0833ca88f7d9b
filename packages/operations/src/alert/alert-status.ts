import { conditionText } from '@live-feed/core/alert/alert-condition';
import { headline } from '@live-feed/core/alert/alert-message';
import { listMessages } from '@live-feed/database/alerts/alert-outbox';
import { listBurning } from '@live-feed/database/alerts/alert-states';
import { z } from 'zod';
import { ofReached } from '../operation.ts';

const MOST_BURNING = 500;

export const alertStatus = ofReached({
  name: 'alert.status',
  summary: 'shows which alerts burn, and the last messages about them',
  role: 'viewer',
  route: 'GET /alerts',
  input: z.object({
    messages: z.int().min(0).max(500).default(50).describe('how many of the last messages'),
  }),
  async run({ database }, { messages }, companyId) {
    const burning = await listBurning(database, companyId, MOST_BURNING);
    const told = await listMessages(database, companyId, messages);
    return {
      burning: burning.map((alert) => ({ ...alert, text: conditionText(alert.condition) })),
      messages: told.map((message) => ({ ...message, headline: headline(message.content) })),
    };
  },
});
