import { type BuyerState, readBuyerStates, type StateQuery } from '../line/buyer-state.ts'
import { type JoinOutcome, type JoinRequest, joinAll } from '../line/join-all.ts'
import { type LeaveOutcome, leaveAll } from '../line/leave.ts'
import type { LineRedis } from '../redis/line-redis.ts'

const only = <Result>(results: readonly Result[]): Result => {
  const [result, ...more] = results
  if (result === undefined || more.length > 0) throw new Error('one buyer gets one result')
  return result
}

export async function joinLine(line: LineRedis, sale: string, joining: JoinRequest): Promise<JoinOutcome> {
  return only(await joinAll(line, sale, [joining]))
}

export async function readBuyerState(line: LineRedis, sale: string, asking: StateQuery): Promise<BuyerState> {
  return only(await readBuyerStates(line, sale, [asking]))
}

export async function leaveLine(line: LineRedis, sale: string, buyer: string): Promise<LeaveOutcome> {
  return only(await leaveAll(line, sale, [{ buyer, claimedPlace: 0 }]))
}
