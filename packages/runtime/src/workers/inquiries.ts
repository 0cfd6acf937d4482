import type { Answers, Question, Reply } from './messages.ts'

/** A worker as it can be asked: `ask` is missing while it is down. */
export interface Askable {
  readonly number: number
  readonly ask?: (id: number, question: Question) => void
}

export interface Inquiries {
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

/** The primary's questions to its workers that are not answered yet. */
export const createInquiries = (): Inquiries => {
  const open = new Map<number, Open>()
  let lastId = 0
  return {
    async gather<Asked extends Question>(question: Asked, workers: readonly Askable[], withinMs: number) {
      const id = ++lastId
      const asked = workers.filter(({ ask }) => ask !== undefined)
      const done = Promise.withResolvers<void>()
      const inquiry = {
        waitingFor: new Set(asked.map(({ number }) => number)),
        bodies: new Map(),
        complete: done.resolve,
      }
      open.set(id, inquiry)
      const patience = setTimeout(done.resolve, withinMs)
      for (const { ask } of asked) ask?.(id, question)
      if (asked.length === 0) done.resolve()
      await done.promise
      clearTimeout(patience)
      open.delete(id)
      return workers.map(({ number, ask }): Reply<Answers[Asked]> => {
        const body: Answers[Asked] | undefined = inquiry.bodies.get(number)
        if (body !== undefined) return { worker: number, state: 'answering', body }
        return { worker: number, state: ask === undefined || !inquiry.waitingFor.has(number) ? 'down' : 'silent' }
      })
    },
    answered(worker, id, body) {
      const inquiry = open.get(id)
      if (inquiry === undefined) return // Too late: it was counted as silent.
      inquiry.bodies.set(worker, body)
      settle(inquiry, worker)
    },
    gone(worker) {
      for (const inquiry of open.values()) settle(inquiry, worker)
    },
  }
}

const settle = ({ waitingFor, complete }: Open, worker: number): void => {
  waitingFor.delete(worker)
  if (waitingFor.size === 0) complete()
}
