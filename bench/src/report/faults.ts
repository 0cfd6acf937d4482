/** A condition that must never hold, and the sentence that reports it. */
export type FaultCheck = readonly [isWrong: boolean, fault: string]

/** Returns the faults whose condition holds, each prefixed with `where`. Pure. */
export function faults(checks: readonly FaultCheck[], where?: string): string[] {
  return checks.flatMap(([isWrong, fault]) => {
    if (!isWrong) return []
    return [where === undefined ? fault : `${where}: ${fault}`]
  })
}

/** Returns the fault of processes that died during a measurement. Pure. */
export function died(restarts: number): FaultCheck {
  return [restarts > 0, `${restarts} processes died meanwhile`]
}
