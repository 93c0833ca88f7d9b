import { EnvironmentError, type EnvironmentProblem } from './environment.ts';

/** The address that a process listens on, and the variables that set it. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly variables: { readonly host: string; readonly port: string };
}

/**
 * Starts a server on an address.
 *
 * @throws EnvironmentError naming the variable, if this process cannot listen on the address
 */
export async function listenOn<Result>(
  address: ListenAddress,
  listen: (address: { readonly host: string; readonly port: number }) => Promise<Result>,
): Promise<Result> {
  const { host, port } = address;
  try {
    return await listen({ host, port });
  } catch (error) {
    const problem = problemOf(address, error);
    throw problem === undefined ? error : new EnvironmentError([problem]);
  }
}

function problemOf({ port, variables }: ListenAddress, error: unknown): EnvironmentProblem | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return {
        name: variables.port,
        problem: `cannot be ${port}: something listens there already; stop it, or choose another port`,
      };
    case 'EACCES':
      return {
        name: variables.port,
        problem: `cannot be ${port}: this user may not listen there; choose a port from 1024 on`,
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return { name: variables.host, problem: 'must be an address of this machine' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { name: variables.host, problem: 'must be an address of this machine, or a name that it knows' };
    default:
      return undefined;
  }
}
