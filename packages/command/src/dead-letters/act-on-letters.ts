import { DEAD_LETTERS_MAX } from '@floodgate/contracts'
import { compareLetterIds } from './letter-ids.ts'
import type { Answered, LetterOutcome, Letters, Order } from './letters.ts'

export interface Act {
  readonly verb: 'replay' | 'drop'
  /** The letters by their ids, or all up to one, which may be gone: `newestOf` reads it before anything is asked. */
  readonly ids: readonly string[] | { readonly upTo: string | undefined }
  /** Called with the sums so far after each request. */
  note(line: string): void
}

export interface ActOutcome {
  readonly counts: Readonly<Record<string, number>>
  readonly failed: readonly LetterOutcome[]
  /** Every letter was handled, dropped, or gone. */
  readonly isComplete: boolean
}

/**
 * Removed since this command first saw or requested it: by another operator, or by a request of ours whose response was
 * lost.
 */
const GONE = 'no longer there'
const COMPLETE: ReadonlySet<string> = new Set(['dropped', 'handled', GONE])
const POSTPONED_TRIES = 3

/** Returns all pages of a group. */
export async function* pagesOf(letters: Letters, order: Order) {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<Letters['page']>> = await letters.page(order, cursor)
    yield page.letters
    cursor = page.next
  }
}

/** Replays or drops letters, oldest first, one page after the other. Stops at postponed letters. */
export async function actOnLetters(letters: Letters, { verb, ids, note }: Act): Promise<ActOutcome> {
  const counts: Record<string, number> = {}
  const failed: LetterOutcome[] = []
  for await (const page of idsOf(letters, ids)) {
    if (page.length === 0) continue
    const answered = await (verb === 'drop' ? letters.drop(page) : replayPage(letters, page))
    const missing = answered.repeated || 'upTo' in ids ? GONE : 'missing'
    for (const letter of answered.letters) {
      const outcome = letter.outcome === 'missing' ? missing : letter.outcome
      counts[outcome] = (counts[outcome] ?? 0) + 1
      if (outcome === 'failed') failed.push(letter)
    }
    note(sumsOf(counts))
    if (answered.letters.some(({ outcome }) => outcome === 'postponed')) {
      note('stopped at postponed letters, so that none newer of their keys is handled before them; replay again')
      break
    }
  }
  return { counts, failed, isComplete: Object.keys(counts).every((outcome) => COMPLETE.has(outcome)) }
}

/** Formats the numbers by outcome. */
export function sumsOf(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .map(([outcome, number]) => `${number} ${outcome}`)
      .join(', ') || 'nothing to do'
  )
}

/** Returns the id of the newest letter; undefined without any. */
export async function newestOf(letters: Letters): Promise<string | undefined> {
  return (await letters.page('newest')).letters[0]?.id
}

/** Counts the letters up to one, which may be gone. */
export async function countUpTo(letters: Letters, upTo: string | undefined): Promise<number> {
  let count = 0
  for await (const page of idsOf(letters, { upTo })) count += page.length
  return count
}

/** Returns the ids, oldest first, in pages of one request each. */
async function* idsOf(letters: Letters, ids: Act['ids']): AsyncGenerator<readonly string[]> {
  if ('upTo' in ids) {
    const newest = ids.upTo
    if (newest === undefined) return
    // The newest letter itself may have been removed by now, so its position is the end in any case.
    for await (const page of pagesOf(letters, 'oldest')) {
      const meant: readonly string[] = page.map(({ id }) => id).filter((id) => compareLetterIds(id, newest) <= 0)
      yield meant
      if (meant.length < page.length || meant.at(-1) === newest) return
    }
    return
  }
  // A letter of the next page must not be older than one of this page.
  const inOrder = ids.toSorted(compareLetterIds)
  for (let at = 0; at < inOrder.length; at += DEAD_LETTERS_MAX) yield inOrder.slice(at, at + DEAD_LETTERS_MAX)
}

/** Repeats requests that timed out: each time more of the work is done. */
async function replayPage(letters: Letters, ids: readonly string[]): Promise<Answered> {
  const first = await letters.replay(ids)
  let { repeated } = first
  const byId = new Map(first.letters.map((letter) => [letter.id, letter]))
  for (let attempt = 1; attempt < POSTPONED_TRIES; attempt += 1) {
    const postponed = [...byId.values()].filter(({ outcome }) => outcome === 'postponed').map(({ id }) => id)
    if (postponed.length === 0) break
    const again = await letters.replay(postponed)
    repeated ||= again.letters.some(({ outcome }) => outcome === 'missing')
    for (const letter of again.letters) byId.set(letter.id, letter)
  }
  return { letters: [...byId.values()], repeated }
}
