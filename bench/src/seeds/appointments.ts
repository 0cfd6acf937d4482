/** Waiters and arrivals by id, whichever comes first. Each id arrives, and is waited for, once. */
export interface Appointments {
  arrive(id: string): void
  /** Resolves once the id has arrived; rejects after `msMax`. */
  wait(id: string, msMax: number): Promise<void>
}

export function createAppointments(): Appointments {
  const waiting = new Map<string, () => void>()
  const arrived = new Set<string>()
  return {
    arrive(id) {
      const resolve = waiting.get(id)
      if (resolve === undefined) arrived.add(id)
      else resolve()
    },
    async wait(id, msMax) {
      if (arrived.delete(id)) return
      const arrival = Promise.withResolvers<void>()
      const timer = setTimeout(() => arrival.reject(new Error(`${id} did not arrive within ${msMax} ms.`)), msMax)
      waiting.set(id, arrival.resolve)
      await arrival.promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(id)
      })
    },
  }
}
