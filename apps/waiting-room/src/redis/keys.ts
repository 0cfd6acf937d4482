/** The Redis keys of a sale's line. All share one hash tag, so that scripts over them run on Redis Cluster too. */
export interface LineKeys {
  /** hash: projection of the sale's settings and state, the bucket, counters */
  readonly sale: string
  /** zset: waiting buyer → place */
  readonly line: string
  /** zset: buyer → present until (ms), inside the window */
  readonly presentUntil: string
  /** zset: buyer → place, of buyers whose turn came while they were absent */
  readonly absent: string
  /** zset: buyer → place, of buyers who returned in time; they go ahead of the line */
  readonly returning: string
  /** zset: set-aside buyer → until when its place is kept (ms) */
  readonly keptUntil: string
  /** zset: slot → deadline (ms) */
  readonly active: string
  /**
   * hash: slot → "buyer place admittedMs deadlineMs kid", the number of extensions if any, and the reason once it is
   * over
   */
  readonly slots: string
  /** hash: buyer → its newest slot, kept for an hour after the slot's end */
  readonly slotOf: string
  /** zset: slot → when it ended (ms), for an hour */
  readonly ended: string
  /** zset: slot → until when its buyer must show up (ms) */
  readonly unclaimed: string
  /** bitmap by place: those admitted, given up or forfeited, which never count again */
  readonly served: string
  /** zset: buyer → when it left the line (ms), for a day */
  readonly left: string
  /** hash: slot → "order createdMs holdEndMs" of its newest order, 0 for a declined one; until the slot ends */
  readonly held: string
  /** zset: slot that was given back → when (ms), until its admission is known to be revoked */
  readonly leaving: string
  /** set: those of them whose buyers are done, and did not just leave */
  readonly finishing: string
  /** hash: ID token that a pass was shown to → its slot; ":" and slot → those tokens; until an hour after the slot's end */
  readonly shown: string
  /** hash: process → what it saw before Redis was restarted; until it is known whether anything was lost */
  readonly vouches: string
  /** stream: what happened, in order */
  readonly log: string
  /** zset: time (ms) → the highest place drawn by then, as score */
  readonly ages: string
  /** hash: second modulo 16 → "second count" of places consumed */
  readonly consumed: string
}

export function lineKeys(sale: string): LineKeys {
  const key = (name: string) => `wr:{w:${sale}}:${name}`
  return {
    sale: key('sale'),
    line: key('line'),
    presentUntil: key('seen'),
    absent: key('away'),
    returning: key('back'),
    keptUntil: key('kept-until'),
    active: key('active'),
    slots: key('slots'),
    slotOf: key('inside'),
    ended: key('ended'),
    unclaimed: key('unclaimed'),
    served: key('served'),
    left: key('left'),
    held: key('held'),
    leaving: key('leaving'),
    finishing: key('finishing'),
    shown: key('shown'),
    vouches: key('vouches'),
    log: key('log'),
    consumed: key('pace'),
    ages: key('ages'),
  }
}

/** set: the ids of all sales that have a line in this Redis. */
export const salesKey = 'wr:sales'

/** zset: process of the waiting room → until when it counts as alive (ms) */
export const processesKey = 'wr:processes'
