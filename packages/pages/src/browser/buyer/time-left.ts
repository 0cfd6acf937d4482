import type { Model } from './model.ts'

export function secondsUntil(at: string, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - nowMs) / 1_000))
}

/** Returns the seconds left of the turn. */
export function admissionSecondsLeft({ line }: Model, nowMs: number): number {
  return line.kind === 'admitted' ? secondsUntil(line.expiresAt, nowMs) : 0
}
