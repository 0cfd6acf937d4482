import { settledWithin } from '@floodgate/async'
import pg, { type ClientConfig } from 'pg'
import { connectionTargets } from './connection-target.ts'
import { trackSockets } from './open-sockets.ts'
import { TIMELINE_HEX } from './timeline.ts'

/** How long a host may take to say whether it is the primary. */
const PROBE_MS_MAX = 2_000
/** Pause between two probes while connections are open: a mute primary is noticed within two of them. */
const WATCH_MS = 2_000

export interface Target {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

/** A connection that ends when the primary is another host. */
export interface WatchedConnection {
  readonly target: Target | undefined
  drop(): void
}

export interface PrimaryWatch {
  /** Returns the host that accepts writes. Probes all hosts side by side when it is not known; throws when none does. */
  find(): Promise<Target>
  /** Forgets a host: its connection broke, or it rejected a write. The next `find` probes. */
  suspect(target: Target | undefined): void
  add(connection: WatchedConnection): void
  remove(connection: WatchedConnection): void
}

const watches = new Map<string, PrimaryWatch>()

/** Returns the process' one watch over the hosts of a URL; undefined for a URL of one host. */
export function primaryWatchOf(url: string): PrimaryWatch | undefined {
  const known = watches.get(url)
  if (known !== undefined) return known
  const targets = connectionTargets(url)
  if (targets.length < 2) return undefined
  const watch = createPrimaryWatch(targets as readonly ClientConfig[])
  watches.set(url, watch)
  return watch
}

/**
 * Watches which of several hosts is the primary (libpq's `target_session_attrs=read-write`, which the driver lacks). Of
 * two hosts that accept writes it takes the one with the later timeline: the other was the primary before a promotion
 * and does not know yet. Connections to another host than the primary are dropped: what they write could be lost.
 */
function createPrimaryWatch(targets: readonly ClientConfig[]): PrimaryWatch {
  const connections = new Set<WatchedConnection>()
  let primary: Target | undefined
  let finding: Promise<Target> | undefined
  let timer: NodeJS.Timeout | undefined

  async function findAnew(): Promise<Target> {
    const probed = await Promise.allSettled(targets.map(probe))
    const writable = probed
      .flatMap((each) => (each.status === 'fulfilled' && each.value !== undefined ? [each.value] : []))
      .sort((a, b) => b.timeline - a.timeline)
    const found = writable[0]?.target
    if (found === undefined) {
      const errors = probed.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
      throw errors.length > 0
        ? new AggregateError(errors, 'none of the hosts is a primary that responds')
        : Object.assign(new Error('none of the hosts is a primary'), { code: '25006' })
    }
    primary = found
    for (const each of [...connections]) if (each.target !== undefined && !isSame(each.target, found)) each.drop()
    return found
  }
  function probeAll(): Promise<Target> {
    finding ??= findAnew().finally(() => {
      finding = undefined
    })
    return finding
  }
  function suspect(target: Target | undefined): void {
    if (target === undefined || isSame(target, primary)) primary = undefined
  }
  return {
    async find() {
      return primary ?? (await probeAll())
    },
    suspect,
    add(connection) {
      connections.add(connection)
      timer ??= setInterval(() => void probeAll().catch(() => suspect(primary)), WATCH_MS).unref()
    },
    remove(connection) {
      connections.delete(connection)
      if (connections.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}

function isSame(one: Target, other: Target | undefined): boolean {
  return other !== undefined && one.host === other.host && one.port === other.port
}

/** Resolves to the target and its timeline when it accepts writes, to undefined when it does not; rejects when mute. */
async function probe(target: ClientConfig): Promise<{ target: Target; timeline: number } | undefined> {
  const sockets = trackSockets()
  const client = new pg.Client({
    ...target,
    application_name: 'floodgate-watch',
    connectionTimeoutMillis: PROBE_MS_MAX,
    query_timeout: PROBE_MS_MAX,
    stream: sockets.open,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ timeline: string | null }>(
      `select case when pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool then null
         else ${TIMELINE_HEX} end as timeline`,
    )
    const timeline = rows[0]?.timeline ?? undefined
    const { host, port } = target
    return timeline === undefined ? undefined : { target: { host, port }, timeline: Number.parseInt(timeline, 16) }
  } finally {
    await settledWithin(0, client.end())
    sockets.destroy()
  }
}
