import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { THEMES } from '../html/layout.ts';
import { localPath } from '../html/local-path.ts';
import { from } from '../sign-in/access.ts';

const formSchema = z.object({
  theme: z.enum(THEMES).catch('auto'),
  to: z.string().optional().catch(undefined),
});

export function addThemeRoute(app: FastifyInstance): void {
  app.post('/theme', { config: { access: from('viewer') } }, (request, reply) => {
    const { theme, to } = formSchema.parse(request.body ?? {});
    return reply.chooseTheme(theme).seeOther(localPath(to));
  });
}
