/** Work over all data, or work that must not run twice: an operator waits for it. */
const LONG_WORK = /^\/admin\/(?:erasures|retention|dead-letters|mails\/retry|parked|sales\/[^/]+\/catalogue)(?:\/|$)/
const LONG_READ = /^\/admin\/(?:money-check|sales\/[^/]+\/stock\/ledger)$/
const READS = new Set(['GET', 'HEAD'])

/** Tells whether a request of an operator has no time limit at the app. Pure. */
export function isLongWork(method: string, path: string): boolean {
  return READS.has(method) ? LONG_READ.test(path) : LONG_WORK.test(path)
}
