export interface ResponseTime {
  /** `POST /orders` */
  readonly request: string
  /** The status, or the error. */
  readonly ended: number | string
  readonly ms: number
}

export type NoteTime = (response: ResponseTime) => void

export interface ResponseTimes {
  readonly note: NoteTime
  /** Forgets what was recorded so far. */
  reset(): void
  count(): number
  longest(): ResponseTime
  /** Returns requests without a response, each kind once. */
  failed(): readonly string[]
  /** Counts the responses with this status. */
  withStatus(status: number): number
}

/** Measures how long buyers wait for responses. */
export function measureResponses(): ResponseTimes {
  const none: ResponseTime = { request: 'none', ended: 0, ms: 0 }
  let longest = none
  let count = 0
  const statuses = new Map<number | string, number>()
  return {
    note(response) {
      count += 1
      statuses.set(response.ended, (statuses.get(response.ended) ?? 0) + 1)
      if (response.ms > longest.ms) longest = response
    },
    reset() {
      longest = none
      count = 0
      statuses.clear()
    },
    count: () => count,
    longest: () => longest,
    failed: () => [...statuses.keys()].filter((ended) => typeof ended === 'string'),
    withStatus: (status) => statuses.get(status) ?? 0,
  }
}
