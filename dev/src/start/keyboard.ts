const CTRL_C = '\u0003'

/** Listens for single keys if standard input is a terminal; returns the function that ends it. */
export function listenToKeys(handlers: { onKill(): void; onStop(): void }): () => void {
  const { stdin } = process
  if (!stdin.isTTY)
    return function nothingToStop() {
      return undefined
    }
  const onKeys = (keys: Buffer): void => {
    for (const key of String(keys)) {
      if (key === CTRL_C) handlers.onStop()
      if (key === 'k') handlers.onKill()
    }
  }
  stdin.setRawMode(true)
  stdin.on('data', onKeys)
  return function stopListening() {
    stdin.off('data', onKeys)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
