import type { Answers, Question, Reply } from './messages.ts'

/** A worker as it can be asked: `ask` is missing while it is down. */
export interface Askable {
  readonly number: number
  readonly ask?: (id: number, question: Question) => void
}

export interface WorkerRequests {
  /** Asks all of them; resolves once every one has answered, died, or `withinMs` have passed. Never rejects. */
  gather<Asked extends Question>(
    question: Asked,
    workers: readonly Askable[],
    withinMs: number,
  ): Promise<Reply<Answers[Asked]>[]>
  answered(worker: number, id: number, body: Answers[Question]): void
  /** The worker has died: nobody waits for it any longer. */
  gone(worker: number): void
}

interface Open {
  readonly waitingFor: Set<number>
  readonly bodies: Map<number, Answers[Question]>
  readonly complete: () => void
}

/** Keeps the primary's open requests to its workers. */
export const createWorkerRequests = (): WorkerRequests => {
  const open = new Map<number, Open>()
  let lastId = 0
  return {
    async gather<Asked extends Question>(question: Asked, workers: readonly Askable[], withinMs: number) {
      const id = ++lastId
      const asked = workers.filter(({ ask }) => ask !== undefined)
      const done = Promise.withResolvers<void>()
      const request = {
        waitingFor: new Set(asked.map(({ number }) => number)),
        bodies: new Map(),
        complete: done.resolve,
      }
      open.set(id, request)
      const patience = setTimeout(done.resolve, withinMs)
      for (const { ask } of asked) ask?.(id, question)
      if (asked.length === 0) done.resolve()
      await done.promise
      clearTimeout(patience)
      open.delete(id)
      return workers.map(({ number, ask }): Reply<Answers[Asked]> => {
        const body: Answers[Asked] | undefined = request.bodies.get(number)
        if (body !== undefined) return { worker: number, state: 'answering', body }
        return { worker: number, state: ask === undefined || !request.waitingFor.has(number) ? 'down' : 'silent' }
      })
    },
    answered(worker, id, body) {
      const request = open.get(id)
      if (request === undefined) return // Too late: it was counted as silent.
      request.bodies.set(worker, body)
      settle(request, worker)
    },
    gone(worker) {
      for (const request of open.values()) settle(request, worker)
    },
  }
}

const settle = ({ waitingFor, complete }: Open, worker: number): void => {
  waitingFor.delete(worker)
  if (waitingFor.size === 0) complete()
}
