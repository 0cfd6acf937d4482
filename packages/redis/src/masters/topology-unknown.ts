/** No server that was asked knows the masters. `errors` has the reason of each server. */
export class TopologyUnknown extends AggregateError {
  constructor(failures: readonly unknown[], what: string) {
    const reasons = new Set(failures.map((each) => (each instanceof Error ? each.message : String(each))))
    super(failures, `${what}: ${[...reasons].join('; ')}`)
  }
}
