/** A file that is written as it is read: at no time there is more of it in memory than a part. */
export interface Download {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: AsyncIterable<string>;
}

/** Whether that is what an operation returned. */
export function isDownload(output: unknown): output is Download {
  return typeof output === 'object' && output !== null && 'content' in output && 'fileName' in output;
}
