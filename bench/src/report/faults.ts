/** What must never be, and the sentence that says so. */
export type FaultCheck = readonly [isWrong: boolean, fault: string]

/** The faults whose condition holds, each after `where`. Pure. */
export function faults(checks: readonly FaultCheck[], where?: string): string[] {
  return checks.flatMap(([isWrong, fault]) => {
    if (!isWrong) return []
    return [where === undefined ? fault : `${where}: ${fault}`]
  })
}

/** Processes that ended while they were watched. Pure. */
export function died(restarts: number): FaultCheck {
  return [restarts > 0, `${restarts} processes died meanwhile`]
}
