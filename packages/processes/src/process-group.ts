import type { Death, PermanentFailure, Supervised, SupervisorEvents } from './supervise.ts'

export interface ProcessGroupOptions<Rank extends string> {
  /** The order of a stop: clients first, the servers they depend on last. */
  readonly ranks: readonly Rank[]
  /** A process that still runs this long after the beginning of a stop is killed. */
  readonly stopMsMax: number
  onDied(death: Death & { readonly restartInMs: number }): void
  /** Called when a process id changed. */
  onChanged(): void
}

export interface ProcessGroup<Rank extends string> {
  /** Hooks to pass to each member. */
  readonly events: SupervisorEvents
  add(rank: Rank, member: Supervised): void
  pids(): ReadonlyMap<string, number>
  deaths(): readonly Death[]
  /** Resolves when a member is given up; by then everything has been stopped. */
  readonly gaveUp: Promise<PermanentFailure>
  stop(): Promise<void>
  killAll(): Promise<void>
}

/** Runs processes together: tracks which are up and which died, and ends all of them in order. */
export function createProcessGroup<Rank extends string>(options: ProcessGroupOptions<Rank>): ProcessGroup<Rank> {
  const members: { readonly rank: Rank; readonly member: Supervised }[] = []
  const deaths: Death[] = []
  const gaveUp = Promise.withResolvers<PermanentFailure>()
  let stopping: Promise<void> | undefined

  async function killAll(): Promise<void> {
    await Promise.all(members.map(({ member }) => member.end()))
  }
  async function stopInOrder(): Promise<void> {
    const impatient = setTimeout(() => void killAll(), options.stopMsMax)
    for (const rank of options.ranks)
      await Promise.all(members.filter((each) => each.rank === rank).map(({ member }) => member.stop()))
    clearTimeout(impatient)
  }
  function stop(): Promise<void> {
    stopping ??= stopInOrder()
    return stopping
  }

  return {
    events: {
      onStarted: options.onChanged,
      onDied(death) {
        deaths.push(death)
        options.onDied(death)
        options.onChanged()
      },
      onGaveUp(end) {
        deaths.push({ name: end.name, exit: end.exit, at: Date.now() })
        void stop().then(() => gaveUp.resolve(end))
      },
    },
    add: (rank, member) => void members.push({ rank, member }),
    pids: () =>
      new Map(
        members.flatMap(({ member }) => {
          const pid = member.pid()
          return pid === undefined ? [] : [[member.name, pid] as const]
        }),
      ),
    deaths: () => [...deaths],
    gaveUp: gaveUp.promise,
    stop,
    killAll,
  }
}
