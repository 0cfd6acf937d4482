import { type BackOff, backOffMs, pause } from '@floodgate/async'

export const BUS_BACK_OFF: BackOff = { minMs: 100, maxMs: 5_000 }

/** Waits before the n-th repetition (1, 2, …). Throws the signal's reason. */
export async function backOff(repetition: number, signal: AbortSignal): Promise<void> {
  await pause(backOffMs(BUS_BACK_OFF, repetition - 1, Math.random()), signal)
  signal.throwIfAborted()
}
