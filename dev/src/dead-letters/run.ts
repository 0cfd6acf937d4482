import { DEAD_LETTERS_MAX, type DeadLetterSummary } from '@floodgate/contracts'
import type { Client } from './client.ts'
import type { Command } from './options.ts'

export interface Output {
  /** The result, on standard output. */
  print(line: string): void
  /** Progress, on standard error. */
  note(line: string): void
}

const EXIT = { done: 0, incomplete: 1 } as const

type Act = Extract<Command, { kind: 'replay' | 'drop' }>

/** Does what was asked and returns the exit code. Throws what to tell the operator. */
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
  const replayed = replays === 0 ? '' : `  replayed in vain: ${replays}`
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

/** The ids in the order they are dealt with, page by page. Those that stay where they are do not come again. */
async function* idsOf({ group, ids }: Act, client: Client): AsyncGenerator<readonly string[]> {
  if (ids === 'all') {
    // What is put aside from now on is not meant.
    const newest = (await client.page(group, { order: 'newest' })).letters[0]?.id
    for await (const letters of pagesOf(client, group, 'oldest')) {
      const page = letters.map(({ id }) => id)
      const last = newest === undefined ? -1 : page.indexOf(newest)
      yield last === -1 ? page : page.slice(0, last + 1)
      if (last !== -1 || newest === undefined) return
    }
    return
  }
  for (let at = 0; at < ids.length; at += DEAD_LETTERS_MAX) yield ids.slice(at, at + DEAD_LETTERS_MAX)
}

async function actOnAll(command: Act, client: Client, output: Output): Promise<number> {
  const counts = new Map<string, number>()
  const count = (outcome: string): void => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const soFar = () => [...counts].map(([outcome, letters]) => `${letters} ${outcome}`).join(', ') || 'nothing to do'
  for await (const ids of idsOf(command, client)) {
    if (ids.length === 0) continue
    if (command.kind === 'drop') {
      const dropped = new Set(await client.drop(command.group, ids))
      for (const id of ids) count(dropped.has(id) ? 'dropped' : 'missing')
    } else {
      for (const { id, outcome, reason } of await replayPage(client, command.group, ids)) {
        count(outcome)
        if (outcome === 'failed') output.print(`${id}  failed  ${(reason ?? '').replaceAll(/\s+/g, ' ')}`)
      }
    }
    output.note(soFar())
  }
  output.print(soFar())
  const complete = command.kind === 'drop' ? 'dropped' : 'handled'
  return [...counts.keys()].every((outcome) => outcome === complete) ? EXIT.done : EXIT.incomplete
}

const POSTPONED_TRIES = 3

/** What ran out of time is asked for again: each time more of it is done. */
async function replayPage(client: Client, group: string, ids: readonly string[]) {
  const letters = new Map((await client.replay(group, ids)).map((letter) => [letter.id, letter]))
  for (let attempt = 1; attempt < POSTPONED_TRIES; attempt += 1) {
    const postponed = [...letters.values()].filter(({ outcome }) => outcome === 'postponed').map(({ id }) => id)
    if (postponed.length === 0) break
    for (const letter of await client.replay(group, postponed)) letters.set(letter.id, letter)
  }
  return letters.values()
}
