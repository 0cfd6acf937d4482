export interface AnswerTime {
  /** `POST /orders` */
  readonly request: string
  /** The status, or the error. */
  readonly ended: number | string
  readonly ms: number
}

export type NoteTime = (answer: AnswerTime) => void

export interface AnswerTimes {
  readonly note: NoteTime
  /** Forgets what was recorded so far. */
  reset(): void
  count(): number
  longest(): AnswerTime
  /** Returns requests without a response, each kind once. */
  unanswered(): readonly string[]
  /** Counts the responses with this status. */
  withStatus(status: number): number
}

/** Measures how long buyers wait for responses. */
export function measureAnswers(): AnswerTimes {
  const none: AnswerTime = { request: 'none', ended: 0, ms: 0 }
  let longest = none
  let count = 0
  const statuses = new Map<number | string, number>()
  return {
    note(answer) {
      count += 1
      statuses.set(answer.ended, (statuses.get(answer.ended) ?? 0) + 1)
      if (answer.ms > longest.ms) longest = answer
    },
    reset() {
      longest = none
      count = 0
      statuses.clear()
    },
    count: () => count,
    longest: () => longest,
    unanswered: () => [...statuses.keys()].filter((ended) => typeof ended === 'string'),
    withStatus: (status) => statuses.get(status) ?? 0,
  }
}
