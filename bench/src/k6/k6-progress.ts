/** k6's output each second when it is not a terminal. */
export interface K6Progress {
  readonly users: number
  readonly usersMax: number
  readonly done: number
  readonly interrupted: number
}

/**
 * Parses `running (0m03.0s), 0060/0060 VUs, 12 complete and 0 interrupted iterations`; undefined for other lines. Pure.
 */
export function parseK6Progress(line: string): K6Progress | undefined {
  const found = /(\d+)\/(\d+) VUs, (\d+) complete and (\d+) interrupted/.exec(line)
  if (found === null) return undefined
  const [, users, usersMax, done, interrupted] = found
  return { users: Number(users), usersMax: Number(usersMax), done: Number(done), interrupted: Number(interrupted) }
}
