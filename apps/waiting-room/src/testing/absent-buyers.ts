import { admit } from '../admission/admit.ts'
import { notePresence } from '../line/presence.ts'
import { projectSale } from '../sales/project-sale.ts'
import { newSale, type Sale } from '../sales/sale.ts'
import type { VirtualLine } from './virtual-line.ts'

export const HOUR_MS = 3_600_000
export const MATURE_MS = 17_000

export function named(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}`)
}

/** Creates the steps of tests with absent buyers, in virtual time. */
export function absentBuyers(line: () => VirtualLine) {
  async function tick(sale: string) {
    line().clock.advance(100)
    const result = await admit(line().line, sale, 'kid')
    if (result.kind !== 'ok') throw new Error(result.kind)
    return result
  }
  /** Ticks every 100 ms and returns the admitted buyers. */
  async function tickThrough(sale: string, ms: number): Promise<string[]> {
    const admitted: string[] = []
    for (let passed = 0; passed < ms; passed += 100)
      admitted.push(...(await tick(sale)).admitted.map(({ buyer }) => buyer))
    return admitted
  }
  /** Ticks until somebody is admitted. */
  async function nextAdmitted(sale: string): Promise<string[]> {
    for (let ticks = 0; ticks < 100; ticks += 1) {
      const { admitted } = await tick(sale)
      if (admitted.length > 0) return admitted.map(({ buyer }) => buyer)
    }
    return []
  }
  async function notePresent(sale: string, buyers: readonly string[], presentMs = HOUR_MS): Promise<void> {
    await notePresence(
      line().line,
      sale,
      buyers.map((buyer) => ({ buyer, place: 0, presentMs })),
    )
  }
  /** Builds a line whose buyers joined during a pause, longer ago than a join counts as a report. */
  async function pausedLine(settings: Partial<Sale>, buyers: readonly string[]) {
    const sale = await line().openSale({ ...settings, state: 'paused' })
    await line().joinMany(sale.id, buyers)
    await tickThrough(sale.id, 7_100)
    return {
      sale: sale.id,
      resume: () => projectSale(line().line, { ...sale, state: 'open', version: 2 }, { act: 'resume', isNew: false }),
    }
  }
  /** Changes settings of an open sale. */
  async function reconfigure(id: string, settings: Partial<Sale>): Promise<void> {
    const base = { name: 'Sale', admitPerSecond: 5, maxActive: 100, admissionTtlSeconds: 600, claimSeconds: 0 }
    const unused = { frameOrigins: [], identity: null, returnOrigins: [], defaultReturnUrl: null, language: null }
    const sale = newSale(id, { ...base, returnSeconds: 600, extensionsMax: 2, ...unused })
    await projectSale(
      line().line,
      { ...sale, state: 'open', version: 10, ...settings },
      { act: 'configure', isNew: false },
    )
  }
  /** Builds the same with all places mature. */
  async function matureLine(settings: Partial<Sale>, buyers: readonly string[]) {
    const paused = await pausedLine(settings, buyers)
    await tickThrough(paused.sale, 3 * MATURE_MS)
    return paused
  }
  return { tick, tickThrough, nextAdmitted, notePresent, pausedLine, matureLine, reconfigure }
}
