/** A system that fails says so many times a second. */
const mostLines = 20;

/** Shows what the processes log as errors, the first few lines of it. */
export function createFailureLines(write: (line: string) => void) {
  let left = mostLines;
  return (name: string, line: string): void => {
    if (left === 0 || !/"level":"(error|fatal)"/.test(line)) return;
    left -= 1;
    write(`${name} | ${line}${left === 0 ? '\nFurther errors are not shown.' : ''}`);
  };
}
