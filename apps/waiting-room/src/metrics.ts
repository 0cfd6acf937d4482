import type { TicketStatus } from '@floodgate/contracts'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { Tick } from './admission/admit.ts'

type PollState = TicketStatus['state']

/** Creates the waiting room's own metrics; labels come from closed sets. */
export function createRoomMetrics(registry: Registry) {
  const registers = [registry]
  // prom-client looks labels up at every call, and nothing here is as frequent as a poll: it is updated at each scrape.
  const polls = {
    snapshot: new Map<PollState, number>(),
    redis: new Map<PollState, number>(),
    cached: new Map<PollState, number>(),
  }
  new Counter({
    name: 'floodgate_polls_total',
    help: 'Polls by status and source',
    labelNames: ['state', 'asked'],
    registers,
    collect() {
      for (const asked of ['snapshot', 'redis', 'cached'] as const) {
        for (const [state, count] of polls[asked]) this.inc({ state, asked }, count)
        polls[asked].clear()
      }
    },
  })
  const countPoll = (state: PollState, asked: keyof typeof polls): void => {
    polls[asked].set(state, (polls[asked].get(state) ?? 0) + 1)
  }
  const admissions = new Counter({
    name: 'floodgate_admissions_total',
    help: 'Buyers admitted by this process',
    registers,
  })
  const setAside = new Counter({
    name: 'floodgate_set_aside_total',
    help: 'Buyers set aside as absent; returned_within_interval="true" counts those who returned within 15 s, and should be 0',
    labelNames: ['returned_within_interval'],
    registers,
  })
  const inversions = new Counter({
    name: 'floodgate_line_inversions_total',
    help: 'Buyers overtaken by a later place although they polled on time; should be 0',
    registers,
  })
  const duration = new Histogram({
    name: 'floodgate_tick_duration_seconds',
    help: 'Round trip of one tick of one sale',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
    registers,
  })
  const noteTick = (tick: Extract<Tick, { kind: 'ok' }>, ms: number): void => {
    duration.observe(ms / 1_000)
    admissions.inc(tick.admitted.length)
    setAside.inc({ returned_within_interval: 'false' }, tick.setAside)
    setAside.inc({ returned_within_interval: 'true' }, tick.returnedSoon)
    inversions.inc(tick.inversions)
  }
  const identityChecks = new Counter({
    name: 'floodgate_identity_checks_total',
    help: 'ID tokens at joining, and joins that lacked one, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const handovers = new Counter({
    name: 'floodgate_handovers_total',
    help: 'Requests of admitted buyers to return to the shop, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const failures = new Counter({
    name: 'floodgate_room_failures_total',
    help: 'Failed background work, which is retried',
    labelNames: ['work'],
    registers,
  })
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  identityChecks.inc({ outcome: 'unavailable' }, 0)
  handovers.inc({ outcome: 'no-return' }, 0)
  for (const work of ['archive', 'beat']) failures.inc({ work }, 0)
  return {
    joins: new Counter({ name: 'floodgate_joins_total', help: 'Joins', labelNames: ['outcome'], registers }),
    extensions: new Counter({
      name: 'floodgate_turn_extensions_total',
      help: 'Extension requests by outcome; repeated ones changed nothing',
      labelNames: ['outcome'],
      registers,
    }),
    identityChecks,
    handovers,
    finishes: new Counter({
      name: 'floodgate_turns_finished_total',
      help: 'Reports that a buyer is done, by outcome; known and gone ones changed nothing',
      labelNames: ['outcome'],
      registers,
    }),
    countPoll,
    noteTick,
    tickFailures: new Counter({
      name: 'floodgate_tick_failures_total',
      help: 'Failed ticks, which are retried, by state of the sale',
      labelNames: ['state'],
      registers,
    }),
    failures,
    logCut: new Counter({
      name: 'floodgate_log_entries_cut_total',
      help: 'Entries of logs that were cut in Redis before they could be archived',
      registers,
    }),
  }
}
export type RoomMetrics = ReturnType<typeof createRoomMetrics>
