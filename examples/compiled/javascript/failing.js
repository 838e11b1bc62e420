// What a strategy throws, as the contract's strategy-error. Anything else that leaves the component ends it as a trap,
// which says neither what nor where.

/** The same function, whose errors have the kind, the message, and the way to them. It may be async. */
export function failing(strategy) {
  return async (...values) => {
    try {
      return await strategy(...values);
    } catch (error) {
      throw error instanceof Error ? told(error) : { kind: "Error", message: String(error) };
    }
  };
}

function told(error) {
  return {
    kind: error.name,
    message: error.message,
    traceback: ownLines(error.stack),
    file: error.fileName,
    line: error.lineNumber,
    column: error.columnNumber,
  };
}

/** The stack without the lines of the tool, newest last as elsewhere. */
function ownLines(stack) {
  const lines = stack.split("\n").filter((line) => line !== "" && !/@\/|@failing\.js/.test(line));
  return lines.reverse().join("\n");
}
