import { settledWithin } from '@floodgate/async'
import type { Logger } from './logger.ts'

export interface StopSteps {
  readonly listeners: { stop(): Promise<unknown>; end(): Promise<unknown> }
  readonly shutdownSeconds: number
  readonly log: Logger
  /** Runs while the listeners end, for work that needs its own time. */
  drain?(): Promise<unknown>
  /** Ends rounds, consumers, relay and bus, in order. */
  finish(): Promise<unknown>
  /** Breaks connections, so that anything `finish` waits for fails at once. */
  cut(): Promise<unknown>
  /** Closes connections. */
  close(): Promise<unknown>
}

/** Shares of the whole time, in eighths; the last eighth covers late timers. */
const EIGHTHS = { listeners: 3, finish: 2, cut: 1, close: 1 } as const

/** Returns how long running requests may take to end after a stop began. */
export function closeGraceMsOf({ shutdownSeconds }: { readonly shutdownSeconds: number }): number {
  return (shutdownSeconds * 1_000 * EIGHTHS.listeners) / 8
}

/**
 * Stops an app in order and within `shutdownSeconds`, even while every server it uses is unresponsive: a step that does
 * not end in its share of the time is cut off and abandoned. No work of the app may rely on being finished here:
 * another process finishes it, as after a kill. Never rejects; the process is expected to exit afterwards.
 */
export async function stopInTime(steps: StopSteps): Promise<void> {
  const { listeners, log } = steps
  const eighthMs = (steps.shutdownSeconds * 1_000) / 8
  async function step(name: keyof typeof EIGHTHS, work: Promise<unknown>) {
    const settled = work.then(
      () => true,
      (error: unknown) => {
        log.warn({ step: name, error }, 'stop step failed')
        return true
      },
    )
    return await settledWithin(EIGHTHS[name] * eighthMs, settled)
  }
  await step('listeners', Promise.all([listeners.stop(), steps.drain?.()]))
  const finishing = steps.finish()
  if (!(await step('finish', finishing))) {
    log.warn({}, 'work cut off')
    await step('cut', Promise.all([steps.cut(), finishing.catch(() => undefined)]))
  }
  if (!(await step('close', steps.close()))) log.warn({}, 'connections left open')
  await listeners.end()
}
