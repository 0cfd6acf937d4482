import { type KeepAliveOptions, type Kept, keepAlive, type Life } from './keep-alive.ts'
import type { Death, GivingUp, SystemObserver } from './types.ts'

/** The order of going: those who work first, what they work on last. */
export type Rank = 'app' | 'simulator' | 'server'
const ranks: readonly Rank[] = ['app', 'simulator', 'server']

/** The rest of the ten seconds is for files and for the caller. */
const STOP_MS_MAX = 8_500

export type Crew = {
  readonly events: Pick<KeepAliveOptions, 'onStarted' | 'onDied' | 'onGaveUp'>
  add(rank: Rank, kept: Kept): void
  /** Keeps a process alive under this crew's eyes. */
  keep(rank: Rank, name: string, launch: () => Promise<Life>): Kept
  pids(): ReadonlyMap<string, number>
  deaths(): readonly Death[]
  readonly gaveUp: Promise<GivingUp>
  stop(): Promise<void>
  killAll(): Promise<void>
}

/** All processes of a system: who is there, who died, and how all of them end. */
export function createCrew(observer: SystemObserver, onChanged: () => void): Crew {
  const members: { readonly rank: Rank; readonly kept: Kept }[] = []
  const deaths: Death[] = []
  const gaveUp = Promise.withResolvers<GivingUp>()
  let stopping: Promise<void> | undefined

  const killAll = async (): Promise<void> => {
    await Promise.all(members.map(({ kept }) => kept.end()))
  }
  const stopInOrder = async (): Promise<void> => {
    for (const rank of ranks) {
      await Promise.all(members.filter((each) => each.rank === rank).map(({ kept }) => kept.stop()))
    }
  }
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      const impatient = setTimeout(() => void killAll(), STOP_MS_MAX)
      await stopInOrder()
      clearTimeout(impatient)
    })()
    return stopping
  }
  const events: Crew['events'] = {
    onStarted: onChanged,
    onDied(death) {
      deaths.push(death)
      observer.died?.(death)
      onChanged()
    },
    onGaveUp(end) {
      deaths.push({ name: end.name, exit: end.exit, at: Date.now() })
      void stop().then(() => gaveUp.resolve(end))
    },
  }
  const add = (rank: Rank, kept: Kept): void => void members.push({ rank, kept })
  return {
    events,
    add,
    keep(rank, name, launch) {
      const kept = keepAlive({ ...events, name, launch })
      add(rank, kept)
      return kept
    },
    pids: () =>
      new Map(
        members.flatMap(({ kept }) => {
          const pid = kept.pid()
          return pid === undefined ? [] : [[kept.name, pid] as const]
        }),
      ),
    deaths: () => [...deaths],
    gaveUp: gaveUp.promise,
    stop,
    killAll,
  }
}
