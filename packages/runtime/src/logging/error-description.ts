/** An error in a log line. */
export type ErrorDescription = {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: ErrorDescription;
  errors?: ErrorDescription[];
};

const MAX_CAUSES = 4;
const MAX_ERRORS = 10;

/**
 * Type, code, message and stack of an error and its causes. Nothing else, because errors may contain secrets
 * (got: `options` with headers, `request`, `response`; pg: `detail` with a row's values; Prisma: `meta`).
 *
 * @param error Anything that was thrown.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) {
    return {
      type: typeof error,
      message: typeof error === 'string' ? error : 'Something other than an Error was thrown.',
    };
  }
  const { cause } = error;
  const description: ErrorDescription = { type: typeOf(error), message: error.message };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) {
    description.code = error.code;
  }
  if (error.stack !== undefined) description.stack = error.stack;
  if (depth >= MAX_CAUSES) return description;
  if (cause !== undefined && cause !== null) description.cause = describeError(cause, depth + 1);
  if (error instanceof AggregateError) {
    description.errors = error.errors.slice(0, MAX_ERRORS).map((inner) => describeError(inner, depth + 1));
  }
  return description;
}

/** The error's name, or its class's name. */
function typeOf(error: Error): string {
  return error.name === 'Error' ? error.constructor.name : error.name;
}
