import type { Supply, TicketStatus } from '@floodgate/contracts'
import type { SocketConnection } from '@floodgate/http'
import { type Pace, pushAfterMs, sweepEveryMs } from '../snapshot/poll-policy.ts'
import { nextPosition, type ReadPosition } from '../snapshot/position.ts'
import type { TicketHolder } from '../tokens/identify.ts'

/** One socket of a buyer, and what was last sent to it. Ten thousand of them are normal: few fields, no closures. */
export interface Listener {
  readonly connection: SocketConnection
  readonly holder: TicketHolder
  /** The position last sent. */
  sentPosition: ReadPosition | undefined
  /** The snapshot of the last message: a slower read must not undo a newer one. */
  newestSnapshot: number
  /** The content of the last message; undefined before the first. */
  sent: SentStatus | undefined
}

interface SentStatus extends Pick<TicketStatus, 'state' | 'saleState' | 'position' | 'etaSeconds'> {
  /** The admission last sent; another one is news. */
  readonly admission: string | undefined
  readonly supply: Supply | undefined
}

/**
 * What the sale has left may change at every unit that is held and comes back: it is sent this often at most. That the
 * sale sold out is sent at once.
 */
const SUPPLY_MS = 1_000

export function isWaiting({ sent: shown }: Listener): boolean {
  return shown?.state === 'waiting'
}

/**
 * Tells whether an admitted listener was last sent another state of the sale: its page explains what a close, or a
 * reopening, means for a turn.
 */
export function isOutdated({ sent: shown }: Listener, { publicState }: Pick<Pace, 'publicState'>): boolean {
  return shown?.state === 'admitted' && (shown.saleState === 'closed') !== (publicState === 'closed')
}

/** Tells whether a sale has nothing left that could come back. */
export function isSoldOut({ supply }: { readonly supply?: Supply | undefined }): boolean {
  return supply === 'sold-out'
}

/**
 * Tells whether a waiting listener is due in this sweep. Another state of the sale, and that it sold out, is sent at
 * once; what else the sale has left within {@link SUPPLY_MS}; positions at their pace; half a sweep early counts as due. A
 * restarted Redis may have an older clock: its snapshots are far from the last message, too.
 */
export function isDue(
  { newestSnapshot: newest, sent: shown }: Listener,
  { snapshot, rank }: { readonly snapshot: Pace & { readonly supply?: Supply | undefined }; readonly rank: number },
): boolean {
  if (shown?.saleState !== snapshot.publicState || isSoldOut(shown) !== isSoldOut(snapshot)) return true
  const pauseMs = pushAfterMs(snapshot, rank)
  const dueAfterMs = shown.supply === snapshot.supply ? pauseMs : Math.min(pauseMs, SUPPLY_MS)
  return Math.abs(snapshot.number - newest) >= dueAfterMs - sweepEveryMs / 2
}

/** Sends a listener its status, unless it is unchanged; the position is the one to show (`nextPosition`). */
export function sendStatus(listener: Listener, status: TicketStatus): void {
  const { sent: shown } = listener
  if (status.state === 'waiting' && shown?.state !== 'waiting' && status.snapshot <= listener.newestSnapshot) return
  listener.newestSnapshot = status.snapshot
  const { state, saleState, etaSeconds } = status
  const position = positionOf(listener, status)
  const admission = state === 'admitted' ? status.admission : undefined
  const supply = state === 'waiting' ? status.supply : undefined
  const now = { state, saleState, position, etaSeconds, admission, supply }
  if (shown !== undefined && isSame(shown, now)) return
  listener.sent = now
  listener.connection.push(JSON.stringify({ ...status, position }))
}

const positionOf = (listener: Listener, status: TicketStatus): number | null => {
  if (status.state !== 'waiting' || status.position === null) return status.position
  const { returners } = status
  const position = nextPosition(listener.sentPosition, {
    position: status.position,
    returners,
    isTakenAsRead: status.saleState === 'recovering',
  })
  listener.sentPosition = { position, returners }
  return position
}

/** Compares statuses without what changes by itself: the snapshot's number and the pause. */
const isSame = (shown: SentStatus, now: SentStatus): boolean =>
  shown.state === now.state &&
  shown.saleState === now.saleState &&
  shown.position === now.position &&
  shown.etaSeconds === now.etaSeconds &&
  shown.supply === now.supply &&
  shown.admission === now.admission
