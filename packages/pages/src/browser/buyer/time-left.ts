import type { Model } from './model.ts'

export const secondsUntil = (at: string, nowMs: number): number =>
  Math.max(0, Math.ceil((Date.parse(at) - nowMs) / 1_000))

/** Of the turn. */
export const admissionSecondsLeft = ({ line }: Model, nowMs: number): number =>
  line.kind === 'admitted' ? secondsUntil(line.expiresAt, nowMs) : 0
