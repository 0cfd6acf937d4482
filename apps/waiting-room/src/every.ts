/** Calls `work` again and again with pauses in between, and never two at once. A failure is told and tried again. */
export const every = (
  ms: number,
  work: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): { readonly stop: () => Promise<void> } => {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let stopped = false
  const round = () => {
    running = work()
      .catch(onFailure)
      .then(() => {
        if (!stopped) timer = setTimeout(round, ms)
      })
  }
  round()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
