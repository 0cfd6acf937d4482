import type { Logger } from './logger.ts'

/** Named places where a test may kill or stall a process. */
export const failPointNames = [
  'after-hold',
  'after-commit-before-answer',
  'after-charge-before-record',
  'after-capture-before-record',
  'after-publish-before-delete',
  'before-sale-event',
  'rebuild-begun',
  'rebuild-epoch-raised',
  'rebuild-half-written',
  'rebuild-written',
  'rebuild-published',
  'rebuild-followed',
] as const
export type FailPointName = (typeof failPointNames)[number]
export type ReachFailPoint = (name: FailPointName) => Promise<void>

interface Arming {
  readonly action: 'kill' | 'stall'
  readonly at: number
}

const parseArming = (entry: string): [FailPointName, Arming] => {
  const match = /^([a-z-]+)=(kill|stall)(?:@(\d+))?$/.exec(entry)
  const name = failPointNames.find((each) => each === match?.[1])
  if (!match || name === undefined)
    throw new TypeError(`FAIL_POINTS: "${entry}" is not NAME=kill|stall[@N]; names: ${failPointNames.join(', ')}`)
  return [name, { action: match[2] as 'kill' | 'stall', at: Number(match[3] ?? 1) }]
}

/**
 * Arms fail points from entries such as `after-hold=kill@50` (at the 50th pass). `kill` sends SIGKILL to this process,
 * `stall` never returns. Throws when armed in production or misspelt.
 */
export function createFailPoints(options: {
  entries: readonly string[]
  environment: 'production' | 'development'
  log: Logger
}): ReachFailPoint {
  const armed = new Map(options.entries.map(parseArming))
  if (armed.size > 0 && options.environment === 'production')
    throw new TypeError('FAIL_POINTS is rejected in production: it kills this process on purpose')
  const reached = new Map<FailPointName, number>()
  return async function failPoint(name) {
    const arming = armed.get(name)
    if (arming === undefined) return
    const times = (reached.get(name) ?? 0) + 1
    reached.set(name, times)
    if (times !== arming.at) return
    options.log.warn({ failPoint: name, action: arming.action, times }, 'fail point reached')
    if (arming.action === 'kill') process.kill(process.pid, 'SIGKILL')
    await new Promise<never>(() => {})
  }
}
