import type { Logger } from './logger.ts'

const WARNING_MS = 10_000
const SUBJECTS_MAX = 10_000

/** Warns at most once in ten seconds about each subject. A metric counts the rest. */
export type RareWarning = (subject: string, fields: object, message: string) => void

export function createRareWarnings(log: Pick<Logger, 'warn'>): RareWarning {
  const warnedAtMs = new Map<string, number>()
  return function warnRarely(subject, fields, message) {
    const nowMs = performance.now()
    if (nowMs - (warnedAtMs.get(subject) ?? Number.NEGATIVE_INFINITY) < WARNING_MS) return
    if (warnedAtMs.size >= SUBJECTS_MAX) warnedAtMs.clear()
    warnedAtMs.set(subject, nowMs)
    log.warn(fields, message)
  }
}
