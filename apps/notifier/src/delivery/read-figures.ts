import { settledWithin } from '@floodgate/async'

/** Scrapes within this time share one read. */
const FIGURES_KEPT_MS = 2_000
const READ_MS_MAX = 1_000

/**
 * Returns a reader of figures for the gauges of a scrape. A scrape waits for the database, but not for an unavailable
 * one: it then gets the previous figures.
 */
export function createFiguresReader<Figures>(
  read: () => Promise<Figures>,
  onUnread: (error: unknown) => void,
): () => Promise<Figures | undefined> {
  let newest: Figures | undefined
  let readMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  async function readAgain(): Promise<void> {
    try {
      newest = await read()
    } catch (error) {
      onUnread(error)
    }
    readMs = performance.now()
    reading = undefined
  }

  return async function figures() {
    if (performance.now() - readMs > FIGURES_KEPT_MS) {
      reading ??= readAgain()
      await settledWithin(READ_MS_MAX, reading)
    }
    return newest
  }
}
