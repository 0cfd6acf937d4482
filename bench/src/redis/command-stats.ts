/** The number of a command's calls, including those by scripts, and their time inside Redis. */
export interface CommandCost {
  readonly calls: number
  readonly microseconds: number
}

export type CommandStats = ReadonlyMap<string, CommandCost>

/** Parses `INFO commandstats`. Pure. */
export function parseCommandStats(info: string): CommandStats {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)
  return new Map(
    [...lines].map(([, name = '', calls, usec]) => [name, { calls: Number(calls), microseconds: Number(usec) }]),
  )
}

/** Returns the differences between two readings, by command; omits commands without calls. Pure. */
export function spentBetween(before: CommandStats, after: CommandStats): CommandStats {
  const spent = [...after].map(([name, { calls, microseconds }]): [string, CommandCost] => {
    const earlier = before.get(name) ?? { calls: 0, microseconds: 0 }
    return [name, { calls: calls - earlier.calls, microseconds: microseconds - earlier.microseconds }]
  })
  return new Map(spent.filter(([, { calls }]) => calls > 0))
}

/** Sums all calls. Pure. */
export function callsOf(stats: CommandStats): number {
  return [...stats.values()].reduce((sum, { calls }) => sum + calls, 0)
}

/** Sums script calls, by SHA or by text: each is one round trip. Pure. */
export function scriptsOf(stats: CommandStats): CommandCost {
  const both = ['evalsha', 'eval'].map((name) => stats.get(name) ?? { calls: 0, microseconds: 0 })
  return {
    calls: both.reduce((sum, { calls }) => sum + calls, 0),
    microseconds: both.reduce((sum, { microseconds }) => sum + microseconds, 0),
  }
}
