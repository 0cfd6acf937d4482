import { decodeEvent, type FloodgateEvent } from '@floodgate/contracts'
import { HandlerTimeout, RetriableError } from '../errors.ts'
import { backOff } from './back-off.ts'

/** A message as read from the bus. */
export interface Received {
  readonly key: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly value: string
}

/** The way in which one partition's messages reach their handler; identical for all adapters. */
export interface Delivery {
  handle(batch: readonly FloodgateEvent[], signal: AbortSignal): Promise<void>
  readonly types: ReadonlySet<string> | undefined
  readonly attemptsMax: number
  readonly handlerTimeoutMs: number
  isRetriable(error: unknown): boolean
  /** Writes a dead letter. When it throws, it is called again. */
  park(message: Received, reason: string): Promise<void>
  /** Awaited before each call of the handler. Throws when no further call is allowed. */
  mayHandle(): Promise<void>
  onFailure(failure: { readonly error: unknown; readonly attempt: number; readonly size: number }): void
  /** Aborts when no further call may begin. */
  readonly stopping: AbortSignal
  /** Aborts when a call in progress must be abandoned, too. */
  readonly giveUp: AbortSignal
}

interface Readable {
  readonly message: Received
  readonly event: FloodgateEvent
}

/**
 * Resolves when every message was handled, set aside, or is of no interest: then they may be acknowledged. Throws only
 * when `stopping` or `giveUp` is aborted, or when `mayHandle` throws: then they may not.
 */
export async function deliver(delivery: Delivery, messages: readonly Received[]): Promise<void> {
  const batch: Readable[] = []
  for (const message of messages) {
    if (!isWanted(delivery.types, message)) continue
    const decoded = decodeEvent(message)
    if (decoded.kind === 'poison') await park(delivery, message, decoded.reason)
    else batch.push({ message, event: decoded.event })
  }
  if (batch.length > 0) await handleOrSplit(delivery, batch, delivery.attemptsMax)
}

function isWanted(types: ReadonlySet<string> | undefined, { headers }: Received): boolean {
  const type = headers.ce_type
  return types === undefined || type === undefined || types.has(type)
}

/**
 * Handles a batch; splits it on failure. A half of a failed batch gets one attempt, a single message all of them again:
 * the culprit is found in few calls.
 */
async function handleOrSplit(delivery: Delivery, batch: readonly Readable[], attempts: number): Promise<void> {
  const error = await attempt(delivery, batch, attempts)
  if (error === undefined) return
  const [first] = batch
  if (first !== undefined && batch.length === 1) return await park(delivery, first.message, reasonOf(error.cause))
  const middle = Math.ceil(batch.length / 2)
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    await handleOrSplit(delivery, half, half.length === 1 ? delivery.attemptsMax : 1)
  }
}

/** Resolves to the last failure when all attempts failed. A requested retry does not count as an attempt. */
async function attempt(
  delivery: Delivery,
  batch: readonly Readable[],
  attempts: number,
): Promise<{ readonly cause: unknown } | undefined> {
  const events = batch.map(({ event }) => event)
  for (let failures = 0, postponed = 0; ; ) {
    await delivery.mayHandle()
    delivery.stopping.throwIfAborted()
    try {
      await callBounded(delivery, events)
      return undefined
    } catch (error) {
      delivery.giveUp.throwIfAborted()
      const notNow = error instanceof RetriableError || delivery.isRetriable(error)
      if (notNow) postponed += 1
      else failures += 1
      delivery.onFailure({ error, attempt: failures + postponed, size: batch.length })
      if (failures >= attempts) return { cause: error }
      await backOff(notNow ? postponed : failures, delivery.stopping)
    }
  }
}

/** Calls the handler with a time limit, and abandons the call once it must be given up. */
async function callBounded(delivery: Delivery, events: readonly FloodgateEvent[]): Promise<void> {
  const controller = new AbortController()
  const abandoned = Promise.withResolvers<never>()
  const abandon = (reason: unknown): void => {
    controller.abort(reason)
    abandoned.reject(reason)
  }
  const tooLong = () => abandon(new HandlerTimeout(`The handler took longer than ${delivery.handlerTimeoutMs} ms.`))
  const onGiveUp = (): void => abandon(delivery.giveUp.reason)
  const timer = setTimeout(tooLong, delivery.handlerTimeoutMs)
  delivery.giveUp.addEventListener('abort', onGiveUp, { once: true })
  try {
    await Promise.race([delivery.handle(events, controller.signal), abandoned.promise])
  } finally {
    clearTimeout(timer)
    delivery.giveUp.removeEventListener('abort', onGiveUp)
  }
}

async function park(delivery: Delivery, message: Received, reason: string): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    delivery.stopping.throwIfAborted()
    try {
      return await delivery.park(message, reason)
    } catch (error) {
      delivery.onFailure({ error, attempt: failures, size: 1 })
      await backOff(failures, delivery.stopping)
    }
  }
}

const REASON_LENGTH_MAX = 500

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return reason.slice(0, REASON_LENGTH_MAX)
}
