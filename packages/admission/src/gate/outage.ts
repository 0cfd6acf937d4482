import { isWorkers, singleFlight } from '../single-flight.ts'
import type { Contact } from './contact.ts'

/** How old the last contact may be before a new one is tried. */
const CONTACT_MS = 5_000
const FAILURES_OF_DOWN = 2

/**
 * Creates a function that tells whether the last calls to the waiting room failed. Tries again by itself, 5 s after the
 * last contact.
 */
export function createOutage(contact: Contact, probeUrl: string, now: () => number): () => Promise<boolean> {
  const probe = singleFlight(async function probeWaitingRoom() {
    const response = await contact.fetch(probeUrl, {})
    await response.body?.cancel()
  })
  return async function isDown() {
    if (now() - contact.triedAtMs >= CONTACT_MS) {
      const probed = probe()
      if (!contact.wasReached || isWorkers()) await probed
    }
    return contact.failures >= (contact.wasReached ? FAILURES_OF_DOWN : 1)
  }
}
