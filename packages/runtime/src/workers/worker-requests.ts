import type { Question, Replies, Reply } from './messages.ts'

/** A worker that can be queried; `ask` is undefined while it is down. */
export interface Askable {
  readonly number: number
  ask?(id: number, question: Question): void
}

export interface Patience {
  readonly withinMs: number
  /** After `afterMs` one sufficient reply ends the wait for the others. */
  readonly enough?: { readonly afterMs: number; is(body: Replies[Question]): boolean }
}

export interface WorkerRequests {
  /** Queries all of them; resolves once each has replied or died, or the time limit has passed. Never rejects. */
  gather<Asked extends Question>(
    question: Asked,
    workers: readonly Askable[],
    patience: Patience,
  ): Promise<Reply<Replies[Asked]>[]>
  replied(worker: number, id: number, body: Replies[Question]): void
  /** Records the death of a worker: requests no longer wait for it. */
  gone(worker: number): void
}

interface Open {
  readonly waitingFor: Set<number>
  readonly bodies: Map<number, Replies[Question]>
  isEnough(): boolean
  complete(): void
}

/** Tracks the primary's open requests to its workers. */
export function createWorkerRequests(): WorkerRequests {
  const open = new Map<number, Open>()
  let lastId = 0
  return {
    async gather<Asked extends Question>(question: Asked, workers: readonly Askable[], patience: Patience) {
      const id = ++lastId
      const asked = workers.filter(({ ask }) => ask !== undefined)
      const done = Promise.withResolvers<void>()
      const { withinMs, enough } = patience
      const bodies = new Map<number, Replies[Question]>()
      let mayBeEnough = false
      const request = {
        waitingFor: new Set(asked.map(({ number }) => number)),
        bodies,
        isEnough: () => mayBeEnough && enough !== undefined && [...bodies.values()].some(enough.is),
        complete: done.resolve,
      }
      open.set(id, request)
      const lookAgain = setTimeout(() => {
        mayBeEnough = true
        if (request.isEnough()) done.resolve()
      }, enough?.afterMs ?? withinMs)
      const patienceOver = setTimeout(done.resolve, withinMs)
      for (const { ask } of asked) ask?.(id, question)
      if (asked.length === 0) done.resolve()
      await done.promise
      clearTimeout(lookAgain)
      clearTimeout(patienceOver)
      open.delete(id)
      return workers.map(({ number, ask }): Reply<Replies[Asked]> => {
        const body = bodies.get(number) as Replies[Asked] | undefined
        if (body !== undefined) return { worker: number, state: 'answering', body }
        return { worker: number, state: ask === undefined || !request.waitingFor.has(number) ? 'down' : 'silent' }
      })
    },
    replied(worker, id, body) {
      const request = open.get(id)
      if (request === undefined) return // Too late: the worker was counted as silent.
      request.bodies.set(worker, body)
      settle(request, worker)
    },
    gone(worker) {
      for (const request of open.values()) settle(request, worker)
    },
  }
}

const settle = ({ waitingFor, isEnough, complete }: Open, worker: number): void => {
  waitingFor.delete(worker)
  if (waitingFor.size === 0 || isEnough()) complete()
}
