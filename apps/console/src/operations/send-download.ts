import { Readable } from 'node:stream';
import type { Download } from '@live-feed/operations/download';
import type { FastifyReply } from 'fastify';

/** Sends a file as it is read: at no time there is more of it in memory than a part. */
export function sendDownload(
  reply: FastifyReply,
  { fileName, contentType, content }: Download,
): FastifyReply {
  return reply
    .header('content-type', contentType)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(Readable.from(content));
}
