import { DEAD_LETTERS_MAX, type DeadLetterSummary } from '@floodgate/contracts'
import type { Client } from './client.ts'
import { compareLetterIds } from './letter-ids.ts'
import type { Command } from './options.ts'

export interface Output {
  /** The result, on standard output. */
  print(line: string): void
  /** Progress, on standard error. */
  note(line: string): void
}

const EXIT = { done: 0, incomplete: 1 } as const

type Act = Extract<Command, { kind: 'replay' | 'drop' }>

/** Runs the command and returns the exit code. Throws a message for the operator. */
export async function run(
  command: Exclude<Command, { kind: 'help' | 'invalid' }>,
  client: Client,
  output: Output,
): Promise<number> {
  switch (command.kind) {
    case 'list':
      return command.group === undefined
        ? await listGroups(client, output)
        : await listLetters(client, output, { ...command, group: command.group })
    case 'read': {
      const letter = await client.read(command.group, command.id)
      if (letter === undefined) output.note(`${command.group} has no dead letter ${command.id}`)
      else output.print(JSON.stringify(letter, null, 2))
      return letter === undefined ? EXIT.incomplete : EXIT.done
    }
    case 'replay':
    case 'drop':
      return await actOnAll(command, client, output)
  }
}

async function listGroups(client: Client, output: Output): Promise<number> {
  for (const { group, letters } of await client.groups()) output.print(`${String(letters).padStart(7)}  ${group}`)
  return EXIT.done
}

async function listLetters(
  client: Client,
  output: Output,
  { group, order }: { group: string; order: 'newest' | 'oldest' },
): Promise<number> {
  for await (const letters of pagesOf(client, group, order)) for (const letter of letters) output.print(lineOf(letter))
  return EXIT.done
}

function lineOf({ id, deadAt, type, key, replays, reason, replayReason }: DeadLetterSummary): string {
  const replayed = replays === 0 ? '' : `  failed replays: ${replays}`
  const what = [id, deadAt ?? 'unknown time', type ?? 'unknown type', `key ${key}`].join('  ')
  return `${what}${replayed}  ${(replayReason ?? reason).replaceAll(/\s+/g, ' ')}`
}

async function* pagesOf(client: Client, group: string, order: 'newest' | 'oldest') {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { letters, next } = await client.page(group, { order, cursor })
    yield letters
    cursor = next
  }
}

/** Returns the ids, oldest first, in pages of one request each. With `--all` those that existed at the beginning. */
async function* idsOf({ group, ids }: Act, client: Client): AsyncGenerator<readonly string[]> {
  if (ids === 'all') {
    const newest: string | undefined = (await client.page(group, { order: 'newest' })).letters[0]?.id
    if (newest === undefined) return
    // The newest letter itself may have been removed by now, so its position is the end in any case.
    for await (const letters of pagesOf(client, group, 'oldest')) {
      const page = letters.map(({ id }) => id)
      const meant: readonly string[] = page.filter((id) => compareLetterIds(id, newest) <= 0)
      yield meant
      if (meant.length < page.length || meant.at(-1) === newest) return
    }
    return
  }
  // A letter of the next page must not be older than one of this page.
  const inOrder = ids.toSorted(compareLetterIds)
  for (let at = 0; at < inOrder.length; at += DEAD_LETTERS_MAX) yield inOrder.slice(at, at + DEAD_LETTERS_MAX)
}

/**
 * Removed since this command first saw or requested it: by another operator, or by a request of ours whose response was
 * lost.
 */
const GONE = 'no longer there'
const COMPLETE: ReadonlySet<string> = new Set(['dropped', 'handled', GONE])

async function actOnAll(command: Act, client: Client, output: Output): Promise<number> {
  const counts = new Map<string, number>()
  const count = (outcome: string): void => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const soFar = () => [...counts].map(([outcome, letters]) => `${letters} ${outcome}`).join(', ') || 'nothing to do'
  for await (const ids of idsOf(command, client)) {
    if (ids.length === 0) continue
    const { letters, repeated } = await (command.kind === 'drop' ? dropPage : replayPage)(client, command.group, ids)
    const missing = repeated || command.ids === 'all' ? GONE : 'missing'
    for (const { id, outcome, reason } of letters) {
      count(outcome === 'missing' ? missing : outcome)
      if (outcome === 'failed') output.print(`${id}  failed  ${(reason ?? '').replaceAll(/\s+/g, ' ')}`)
    }
    output.note(soFar())
    if (letters.some(({ outcome }) => outcome === 'postponed')) {
      output.note('stopped at postponed letters, so that none newer of their keys is handled before them; replay again')
      break
    }
  }
  output.print(soFar())
  return [...counts.keys()].every((outcome) => COMPLETE.has(outcome)) ? EXIT.done : EXIT.incomplete
}

interface PageOutcome {
  readonly letters: readonly { readonly id: string; readonly outcome: string; readonly reason: string | null }[]
  /** The request was sent more than once, so that missing letters may be its own effect. */
  readonly repeated: boolean
}

async function dropPage(client: Client, group: string, ids: readonly string[]): Promise<PageOutcome> {
  const { dropped, repeated } = await client.drop(group, ids)
  const gone = new Set(dropped)
  return { letters: ids.map((id) => ({ id, outcome: gone.has(id) ? 'dropped' : 'missing', reason: null })), repeated }
}

const POSTPONED_TRIES = 3

/** Repeats requests that timed out: each time more of the work is done. */
async function replayPage(client: Client, group: string, ids: readonly string[]): Promise<PageOutcome> {
  const first = await client.replay(group, ids)
  let { repeated } = first
  const letters = new Map(first.letters.map((letter) => [letter.id, letter]))
  for (let attempt = 1; attempt < POSTPONED_TRIES; attempt += 1) {
    const postponed = [...letters.values()].filter(({ outcome }) => outcome === 'postponed').map(({ id }) => id)
    if (postponed.length === 0) break
    const again = await client.replay(group, postponed)
    repeated ||= again.letters.some(({ outcome }) => outcome === 'missing')
    for (const letter of again.letters) letters.set(letter.id, letter)
  }
  return { letters: [...letters.values()], repeated }
}
