import multipart from '@fastify/multipart';
import { type AniFile, readAniFile } from '@live-feed/operations/ani/ani-file';
import { aniImport } from '@live-feed/operations/ani/ani-import';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { Refusal } from '@live-feed/operations/refusal';
import { decodeSpreadsheet } from '@live-feed/operations/spreadsheet/spreadsheet-text';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { count } from '../../html/count.ts';
import { button } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { readForm } from '../../operations/form-input.ts';
import { companyNav } from '../companies/company-nav.ts';
import { companyParams } from '../companies/company-page.ts';
import { importPreview } from './import-preview.ts';
import { CHANGE_NUMBERS } from './number-changes.ts';

/** Larger files are for the command line: the preview carries the file to the next step. */
const MOST_BYTES = 1024 * 1024;

const PATH = '/caller-ids/:company/import';
const config = { access: CHANGE_NUMBERS };

/** A file is first read, and what it would change is shown with the errors of its rows; then it is imported. */
export async function addImportPage(app: FastifyInstance): Promise<void> {
  await app.register(multipart, {
    limits: { files: 1, fields: 2, fileSize: MOST_BYTES, fieldSize: 2 * MOST_BYTES },
  });

  app.get(PATH, { config }, async (request, reply) => {
    const { company } = await request.perform(companyShow, readForm(companyParams, request.params));
    const content = html`${companyNav(company.id, 'caller-ids')} ${uploadForm(company.id)}`;
    return reply.page({ title: `Import caller IDs of ${company.name}`, content });
  });

  app.post(PATH, { config }, async (request, reply) => {
    const { file, text } = await readFile(request);
    const { company, ...imported } = await request.perform(aniImport, inputOf(request, file, true));
    const content = html`
      ${companyNav(company.id, 'caller-ids')}
      ${importPreview({ action: `caller-ids/${company.id}/import/confirm`, text, file, imported })}
    `;
    return reply.page({ title: `Import caller IDs of ${company.name}`, content });
  });

  app.post(`${PATH}/confirm`, { config }, async (request, reply) => {
    const { file } = await readFile(request);
    const { company, ...imported } = await request.perform(aniImport, inputOf(request, file, false));
    const wrong = file.errors.length + imported.errors.length;
    const text = `Added ${count(imported.added, 'number')} and changed ${imported.changed}. Not imported: ${count(wrong, 'row')}.`;
    return reply.seeOther(`caller-ids/${company.id}`, { kind: 'done', text });
  });
}

function inputOf(request: FastifyRequest, { rows }: AniFile, dryRun: boolean) {
  const { company } = readForm(companyParams, request.params);
  return { company, rows, dryRun };
}

/** The file itself, or its text as the preview carries it. @throws Refusal if it is no file of numbers */
async function readFile(request: FastifyRequest): Promise<{ readonly file: AniFile; readonly text: string }> {
  if (!request.isMultipart()) throw new Refusal('Choose a file.');
  const bytes = await sentBytes(request);
  if (bytes === undefined) throw new Refusal('Choose a file that is not empty.');
  return { file: await readAniFile(bytes), text: decodeSpreadsheet(bytes) };
}

async function sentBytes(request: FastifyRequest): Promise<Buffer | undefined> {
  try {
    for await (const part of request.parts()) {
      const bytes = part.type === 'file' ? await part.toBuffer() : Buffer.from(String(part.value));
      if (bytes.length > 0) return bytes;
    }
    return undefined;
  } catch (error) {
    // Of limits: it says which.
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw new Refusal('The file did not arrive whole. Choose it again.', { cause: error });
  }
}

function uploadForm(companyId: string): Markup {
  return html`
    <p>Choose a CSV or text file, as a spreadsheet program saves it. Nothing is changed before you have seen what would be.</p>
    <form method="post" action="caller-ids/${companyId}/import" enctype="multipart/form-data" class="narrow">
      <div class="field">
        <label for="file">File</label>
        <input id="file" name="file" type="file" required accept=".csv,.txt,.tsv,text/csv,text/plain" aria-describedby="file-hint" />
        <small id="file-hint">At most 1 MiB. The first line names the columns: phone, and optionally daily_cap and campaigns.</small>
      </div>
      ${button('Read the file')}
    </form>
    <pre>${EXAMPLE}</pre>
  `;
}

const EXAMPLE = 'phone,daily_cap,campaigns\n2065550100,,\n(206) 555-0101,50,123456 123457';
