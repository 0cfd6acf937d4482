import { randomUUID } from 'node:crypto'
import { createWaker } from '@floodgate/async'
import { closeRedis, type Redis, serverOf, waitUntilReady } from '@floodgate/redis'
import type { Log } from '@floodgate/runtime'
import { backOff } from '../delivery/back-off.ts'
import { createCaughtUp } from '../delivery/caught-up.ts'
import { BATCH_SIZE_MAX, createDelivery } from '../delivery/create-delivery.ts'
import { deliver } from '../delivery/deliver.ts'
import type { Gate } from '../delivery/gate.ts'
import { Stopped } from '../errors.ts'
import type { SubscribeOptions, Subscription, SubscriptionHealth } from '../port.ts'
import { writeDeadLetter } from './dead-letters.ts'
import { BUS_KEY, type BusRedis, partitionsOf } from './keys.ts'
import { acknowledge, type Lease } from './leases.ts'
import { type OwnedPartition, ownPartition } from './owned-partition.ts'
import { connectionNumber, readStreams } from './read.ts'
import { createShare } from './share.ts'

/** Length of a blocking read; it ends earlier when this consumer gets another partition. */
const IDLE_BLOCK_MS = 5_000
/** Pause while no partition accepts entries, so that no read blocks. */
const BUSY_BLOCK_MS = 20
const POLL_AGE_MS_MAX = 10_000

export interface RedisSubscriptionOptions {
  /** For scripts; shared. */
  readonly bus: BusRedis
  /** For blocking reads; owned and closed by this subscription. */
  readonly blocking: Redis
  readonly clientId: string
  readonly gate: Gate
  readonly log: Log
}

export interface RedisSubscription extends Subscription {
  /** See {@link import('./share.ts').Share.reload}. */
  reload(): void
}

/**
 * Consumes as a member of a group: one connection waits for the streams of all partitions in the share, and each
 * partition handles its own batches. When idle, that is little more than one command a second.
 */
export async function subscribeOnRedis(
  connections: RedisSubscriptionOptions,
  options: SubscribeOptions,
): Promise<RedisSubscription> {
  const { bus, blocking, gate, log } = connections
  const member = { group: options.group, consumer: `${connections.clientId}:${randomUUID()}` }
  const stopping = new AbortController()
  const room = createWaker()
  let polledAtMs = Number.NEGATIVE_INFINITY
  const caughtUp = createCaughtUp()
  /** The server's number of the blocking connection; it changes with each connection. */
  let connection: number | undefined
  blocking.on('ready', () => {
    connection = undefined
  })
  /** The streams of the current read. */
  let waitedFor: ReadonlySet<string> | undefined

  const begin = (lease: Lease, offset: string): OwnedPartition => {
    const { topic, index: partition } = lease.partition
    const place = { topic, partition, log, writeDeadLetter: writeDeadLetter(bus, options.group) }
    room.wake()
    return ownPartition({
      lease,
      offset,
      batchSizeMax: options.batchSizeMax ?? BATCH_SIZE_MAX,
      acknowledge: (id) => acknowledge(bus, member, { lease, id }),
      onRoom: room.wake,
      deliver: (batch, signals) => {
        const mayHandle = async (): Promise<void> => {
          await gate.passed(signals.stopping)
          if (!share.isCertain()) throw new Stopped('The lease of the partition may have ended.')
        }
        return deliver(createDelivery(options, { ...place, ...signals, mayHandle }), batch)
      },
    })
  }
  // A read that began before a partition arrived does not include it. If this check overtakes that read, the next check
  // sees it again.
  const onRenewed = (): void => {
    const streams = waitedFor
    if (streams === undefined || connection === undefined) return
    if ([...share.owned.keys()].every((stream) => streams.has(stream))) return
    const wake = async () => serverOf(bus.redis, BUS_KEY).client('UNBLOCK', connection ?? 0)
    wake().catch(() => undefined) // The read ends by itself, later.
  }
  const share = createShare({ bus, member, partitions: partitionsOf(options.topics), begin, onRenewed, log })

  const readOnce = async (): Promise<void> => {
    await gate.passed(stopping.signal)
    const readers = new Map([...share.owned].filter(([, partition]) => partition.readPosition() !== undefined))
    if (readers.size === 0) return await room.wait(IDLE_BLOCK_MS, stopping.signal)
    connection ??= await connectionNumber(blocking)
    waitedFor = new Set(readers.keys())
    const countMax = options.batchSizeMax ?? BATCH_SIZE_MAX
    const entries = await readStreams(blocking, {
      positions: new Map([...readers].map(([stream, partition]) => [stream, partition.readPosition() ?? '$'])),
      countMax,
      blockMs: readers.size < share.owned.size ? BUSY_BLOCK_MS : IDLE_BLOCK_MS,
    }).finally(() => {
      waitedFor = undefined
    })
    polledAtMs = performance.now()
    for (const [stream, partition] of readers) {
      const found = entries.get(stream) ?? []
      partition.accept(found, found.length < countMax ? polledAtMs : undefined)
    }
  }

  const read = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        await waitUntilReady(blocking, stopping.signal)
        await readOnce()
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) return
        failures += 1
        log.warn({ group: options.group, error: String(error) }, 'Read from the bus failed; retrying')
        await backOff(failures, stopping.signal).catch(() => undefined)
      }
    }
  }

  const health = (): SubscriptionHealth => {
    const sinceRead = performance.now() - polledAtMs
    // With more consumers than partitions one may own none: then its renewals prove that it is alive.
    const lastPollAgeMs = share.owned.size === 0 ? share.lastRenewalAgeMs() : sinceRead
    const lag = [...share.owned.values()].reduce((sum, partition) => sum + partition.waiting(), 0)
    const fresh = lastPollAgeMs < POLL_AGE_MS_MAX && share.lastRenewalAgeMs() < POLL_AGE_MS_MAX
    caughtUp.own([...share.owned.keys()])
    for (const [stream, partition] of share.owned) caughtUp.know(stream, partition.caughtUpAtMs())
    const caughtUpAgeMs = caughtUp.ageMs()
    const state = gate.paused ? 'paused' : fresh ? 'consuming' : 'Redis does not respond'
    return {
      ready: fresh || gate.paused,
      lastPollAgeMs,
      lag,
      ...(caughtUpAgeMs === undefined ? {} : { caughtUpAgeMs }),
      detail: `${state}, ${share.owned.size} partitions`,
    }
  }

  await share.renewOnce().catch((error: unknown) => {
    log.warn({ group: options.group, error: String(error) }, 'Redis unavailable; subscription pending')
  })
  const reading = read()

  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopping.abort(new Stopped('The subscription stops.'))
    blocking.disconnect()
    await reading
    await share.stop()
    await closeRedis(blocking)
  }
  return {
    pause: gate.pause,
    resume: gate.resume,
    health,
    reload: share.reload,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
