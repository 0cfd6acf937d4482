import { PassThrough } from 'node:stream'
import type { FetchFrom } from '../apps.ts'
import { run } from '../run.ts'
import { COMMANDS } from '../table.ts'

export interface Ran {
  readonly exit: number
  readonly out: string
  readonly errors: string
}

export interface Around {
  readonly environment?: Readonly<Record<string, string>>
  /** What a person types before the input ends; undefined: there is no terminal. */
  readonly typed?: string
  readonly columns?: number
  readonly fetch?: FetchFrom
}

/** Names four apps that no request reaches. */
export const NOWHERE = {
  WAITING_ROOM_URL: 'http://room.test',
  ORDER_CORE_URL: 'http://core.test',
  PAYMENT_WORKER_URL: 'http://worker.test',
  NOTIFIER_URL: 'http://notifier.test',
  FLOODGATE_TOKEN: 'a-token',
  FLOODGATE_CONFIG: '',
}

/** Runs a command line in this process, with streams of its own. */
export async function runWith(argv: readonly string[], around: Around = {}): Promise<Ran> {
  const { environment = NOWHERE, typed, columns, fetch } = around
  const isTTY = typed !== undefined
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  for (const stream of [input, output, errors]) Object.assign(stream, { isTTY, columns })
  if (typed !== undefined) input.end(typed)
  const exit = await run(argv, COMMANDS, { environment, input, output, errors, ...(fetch && { fetch }) })
  return { exit, out: textIn(output), errors: textIn(errors) }
}

function textIn(stream: PassThrough): string {
  return (stream.read() as Buffer | null)?.toString('utf8') ?? ''
}
