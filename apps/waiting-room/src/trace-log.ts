import type { Logger } from '@floodgate/runtime'
import type { Admitted } from './admission/admit.ts'

const JOINS_MAX = 1_000

/** Logs the lines that make up a purchase's trace: one per tick, not one per buyer. */
export function createTraceLog(log: Logger) {
  const joined = new Map<string, string[]>()
  const flushJoins = (sale: string) => {
    const buyers = joined.get(sale)
    if (buyers === undefined) return
    joined.delete(sale)
    log.info({ step: 'ticket.joined', sale, buyers }, 'buyers joined')
  }
  return {
    joined: (sale: string, buyer: string): void => {
      const buyers = joined.get(sale) ?? []
      joined.set(sale, buyers)
      buyers.push(buyer)
      if (buyers.length >= JOINS_MAX) flushJoins(sale)
    },
    flushJoins,
    admitted: (sale: string, admissions: readonly Admitted[]): void => {
      if (admissions.length > 0) log.info({ step: 'buyer.admitted', sale, admissions }, 'buyers admitted')
    },
  }
}

export type TraceLog = ReturnType<typeof createTraceLog>
