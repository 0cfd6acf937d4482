const KINDS_MAX = 5

/**
 * Collects k6's warnings while it runs (a request without a response and the reason, an exception in a script), each
 * kind once with its count. Ignores addresses and numbers in the comparison.
 */
export interface Complaints {
  note(line: string): void
  told(): readonly string[]
}

export function createComplaints(): Complaints {
  const counts = new Map<string, number>()
  return {
    note(line) {
      const complaint = complaintOf(line)
      if (complaint !== undefined) counts.set(complaint, (counts.get(complaint) ?? 0) + 1)
    },
    told: () =>
      [...counts]
        .toSorted(([, one], [, other]) => other - one)
        .slice(0, KINDS_MAX)
        .map(([complaint, count]) => `k6 says ${count} times: ${complaint}`),
  }
}

/** Returns the message of a warning or error in k6's log (logfmt), with its cause; undefined for other lines. Pure. */
export function complaintOf(line: string): string | undefined {
  if (!/level=(warning|error)/.test(line)) return undefined
  const [message, cause] = ['msg', 'error'].map(
    (field) => new RegExp(`${field}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1],
  )
  const text = [message, cause].filter((part) => part !== undefined).join(': ')
  return text.replaceAll('\\"', '"').replaceAll(/\d+/g, '…').slice(0, 300)
}
