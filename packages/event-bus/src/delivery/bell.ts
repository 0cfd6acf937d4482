/** Wakes a loop that waits for something to do. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring, at once if it rang since the last wait, and after `withinMs` at the latest. */
  heard(withinMs: number): Promise<void>
}

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async heard(withinMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      wake = undefined
      rung = false
    },
  }
}
