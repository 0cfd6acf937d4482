const CTRL_C = '\u0003'

/** Listens for single keys, where there is a keyboard at all; returns what ends it. */
export function listenToKeys(handlers: { readonly onKill: () => void; readonly onStop: () => void }): () => void {
  const { stdin } = process
  if (!stdin.isTTY) return () => undefined
  const onKeys = (keys: Buffer): void => {
    for (const key of String(keys)) {
      if (key === CTRL_C) handlers.onStop()
      if (key === 'k') handlers.onKill()
    }
  }
  stdin.setRawMode(true)
  stdin.on('data', onKeys)
  return () => {
    stdin.off('data', onKeys)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
