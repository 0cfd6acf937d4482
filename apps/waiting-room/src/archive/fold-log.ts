import type { Slot } from '../redis/replies.ts'
import type { LogRecord } from '../snapshot/log-record.ts'

/** An admitted buyer's slot, as a recovery needs it. */
export interface OpenSlot extends Slot {
  /** Deadline of the slot: later than the admission's while an order is in its hold. */
  readonly untilMs: number
  /** The newest order that moved the deadline. */
  readonly order: string | undefined
  readonly orderCreatedMs: number | undefined
}

/** Deadline of the admission, if the turn was extended. */
export interface LongerTurn {
  readonly deadlineMs: number
  readonly extensions: number
}

export interface MovedDeadline {
  readonly untilMs: number
  readonly order: string
  readonly orderCreatedMs: number
}

/** The summary of consecutive entries of a line's log. */
export interface FoldedLog {
  highestPlace: number
  joined: number
  admitted: number
  returned: number
  /** Slots opened within these entries and not returned. */
  readonly opened: Map<string, OpenSlot>
  /** Opened before. */
  readonly moved: Map<string, MovedDeadline>
  /** Minimum deadlines of slots that were opened before. */
  readonly longer: Map<string, LongerTurn>
  /** Opened before. */
  readonly closed: Set<string>
  /** Place → whether it never counts again: the last state in these entries. */
  readonly served: Map<number, boolean>
  /** The stream was cut before it was archived: only the line in Redis is complete. */
  isCut: boolean
}

function admit(folded: FoldedLog, record: LogRecord): void {
  const { slot, buyer = '', place = 0, kid = '', deadlineMs = 0, atMs } = record
  if (slot === undefined) return
  folded.admitted += 1
  folded.served.set(place, true)
  const untilMs = deadlineMs
  const order = { order: undefined, orderCreatedMs: undefined }
  folded.opened.set(slot, { slot, buyer, place, admittedMs: atMs, deadlineMs, kid, untilMs, ...order, extensions: 0 })
}

function makeLonger(folded: FoldedLog, slot: string, { deadlineMs, extensions }: LongerTurn): void {
  const opened = folded.opened.get(slot)
  if (opened === undefined) folded.longer.set(slot, { deadlineMs, extensions })
  else folded.opened.set(slot, { ...opened, deadlineMs, extensions, untilMs: Math.max(opened.untilMs, deadlineMs) })
}

function extend(folded: FoldedLog, record: LogRecord): void {
  const { slot, deadlineMs: untilMs, order, createdMs: orderCreatedMs, count } = record
  if (slot === undefined || untilMs === undefined) return
  // No order: the buyer extended the turn.
  if (order === undefined && count !== undefined) makeLonger(folded, slot, { deadlineMs: untilMs, extensions: count })
  if (order === undefined || orderCreatedMs === undefined) return
  const opened = folded.opened.get(slot)
  if (opened === undefined) folded.moved.set(slot, { untilMs, order, orderCreatedMs })
  else folded.opened.set(slot, { ...opened, untilMs, order, orderCreatedMs })
}

function giveBack(folded: FoldedLog, { slot, place, reason }: LogRecord): void {
  if (slot === undefined) return
  folded.returned += 1
  folded.moved.delete(slot)
  folded.longer.delete(slot)
  if (!folded.opened.delete(slot)) folded.closed.add(slot)
  // An unclaimed slot: the buyer was set aside, and its place still counts.
  if (reason === 'unclaimed' && place !== undefined) folded.served.set(place, false)
}

/** Summarises consecutive entries of a line's log. Pure. */
export function foldLog(records: readonly LogRecord[]): FoldedLog {
  const folded: FoldedLog = {
    highestPlace: 0,
    joined: 0,
    admitted: 0,
    returned: 0,
    opened: new Map(),
    moved: new Map(),
    longer: new Map(),
    closed: new Set(),
    served: new Map(),
    isCut: false,
  }
  for (const record of records) {
    folded.highestPlace = Math.max(folded.highestPlace, record.place ?? 0)
    if (record.kind === 'joined') folded.joined += record.count ?? 0
    else if (record.kind === 'admitted') admit(folded, record)
    else if (record.kind === 'extended') extend(folded, record)
    else if (record.kind === 'returned') giveBack(folded, record)
    else if (record.kind === 'left' && record.place !== undefined) folded.served.set(record.place, true)
    else if (record.kind === 'forfeited') for (const place of record.places ?? []) folded.served.set(place, true)
    else if (record.kind === 'cut') folded.isCut = true
  }
  return folded
}
