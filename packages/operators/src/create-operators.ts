import type { OperatorAudit, TokenDirectory } from '@floodgate/http'
import type { Log } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import { createAuditLog } from './audit-log.ts'
import { insertActs, isRejectedAct } from './audit-store.ts'
import { createTokenDirectory } from './token-directory.ts'
import { readKnownTokens } from './token-store.ts'

const SECOND = 1_000

/** The people who operate an app, and the audit of what they do. */
export interface Operators {
  readonly guard: { readonly tokens: TokenDirectory; readonly audit: OperatorAudit }
  start(): void
  /** Ends the reads, and writes the acts that wait. The pool must still be open. */
  stop(): Promise<void>
}

export interface OperatorsOptions {
  /** The name of the app in the audit. */
  readonly app: string
  readonly pool: Pool
  readonly log: Log
  readonly metrics: Registry
}

/** Creates the operators of an app, on the tables that all apps share. */
export function createOperators({ app, pool, log, metrics }: OperatorsOptions): Operators {
  const registers = [metrics]
  const dropped = new Counter({
    name: 'floodgate_audit_dropped_total',
    help: 'Acts of operators that are in the log, and not in the audit',
    registers,
  })
  const tokens = createTokenDirectory({ readTokens: () => readKnownTokens(pool), log })
  const audit = createAuditLog({
    insert: (acts) => insertActs(pool, app, acts),
    isFault: isRejectedAct,
    log,
    onDropped: () => dropped.inc(),
  })
  new Gauge({
    name: 'floodgate_audit_waiting',
    help: 'Acts of operators that wait to be stored',
    registers,
    aggregator: 'sum',
    collect() {
      this.set(audit.waiting())
    },
  })
  new Gauge({
    name: 'floodgate_operator_tokens_age_seconds',
    help: 'Age of the last read of the operator tokens',
    registers,
    aggregator: 'max',
    collect() {
      this.set(tokens.ageMs() / SECOND)
    },
  })
  return {
    guard: { tokens, audit },
    start: tokens.start,
    async stop() {
      await Promise.all([tokens.stop(), audit.stop()])
    },
  }
}
