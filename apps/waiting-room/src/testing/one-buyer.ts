import { type Asking, readStandings, type Standing } from '../line/buyer-state.ts'
import { type Joined, type Joining, joinAll } from '../line/join-all.ts'
import { type Left, leaveAll } from '../line/leave.ts'
import type { LineRedis } from '../redis/line-redis.ts'

const only = <Answer>(answers: readonly Answer[]): Answer => {
  const [answer, ...more] = answers
  if (answer === undefined || more.length > 0) throw new Error('one buyer gets one answer')
  return answer
}

export async function joinLine(line: LineRedis, sale: string, joining: Joining): Promise<Joined> {
  return only(await joinAll(line, sale, [joining]))
}

export async function readStanding(line: LineRedis, sale: string, asking: Asking): Promise<Standing> {
  return only(await readStandings(line, sale, [asking]))
}

export async function leaveLine(line: LineRedis, sale: string, buyer: string): Promise<Left> {
  return only(await leaveAll(line, sale, [{ buyer, shownPlace: 0 }]))
}
