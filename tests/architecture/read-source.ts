import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parseAst } from 'vitest/node';
import type { SourceFile } from './rules.ts';

const skipped = new Set(['node_modules', 'generated', '.git', '.live-feed', '.turbo', 'coverage']);

/** Every TypeScript source file below `root`. */
export async function readSources(root: string): Promise<SourceFile[]> {
  const paths = await listFiles(root);
  return Promise.all(
    paths.map(async (path) =>
      parseSource(relative(root, path).split(sep).join('/'), await readFile(path, 'utf8')),
    ),
  );
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(path);
      return /\.m?ts$/.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat();
}

/** Throws a `SyntaxError` when the text is not TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const imports: string[] = [];
  let readsEnvironment = false;
  visit(parseAst(text, { lang: 'ts' }), (node) => {
    const { type } = node;
    if (/^(Import|Export)|^TSImportType$|^TSExternalModuleReference$/.test(type)) {
      const module = literal(node['source'] ?? node['argument'] ?? node['expression']);
      if (module !== undefined) imports.push(module);
      if (module === 'node:process' || module === 'process') readsEnvironment = true;
    }
    if (type === 'MemberExpression' && name(node['object']) === 'process') {
      const property = name(node['property']) ?? literal(node['property']);
      if (property === 'env') readsEnvironment = true;
    }
    if (type === 'VariableDeclarator' && name(node['init']) === 'process') readsEnvironment = true;
  });
  return { path, imports, readsEnvironment };
}

interface Node extends Record<string, unknown> {
  readonly type: string;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (isNode(value)) {
    see(value);
    for (const child of Object.values(value)) visit(child, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function name(value: unknown): string | undefined {
  return isNode(value) && value.type === 'Identifier' ? String(value['name']) : undefined;
}

/** The text of a string literal, wrapped in a type or not. */
function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'TSLiteralType') return literal(value['literal']);
  return value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;
}
