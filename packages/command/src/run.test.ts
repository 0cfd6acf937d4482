import { problemKinds, problemType } from '@floodgate/contracts'
import { describe, expect, it, vi } from 'vitest'
import { completionScript } from './completions.ts'
import { failureOf } from './failure.ts'
import { helpText } from './help.ts'
import { optionsOf } from './parse-line.ts'
import { COMMANDS } from './table.ts'
import { NOWHERE, runWith } from './testing/surroundings.ts'

const TRACE = 'f'.repeat(32)

function problem(code: keyof typeof problemKinds, detail = 'Why it is so.') {
  const { status, title, retryable } = problemKinds[code]
  const body = { type: problemType(code), code, title, status, detail, retryable, traceId: TRACE }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}
const replying = (reply: () => Response) => (async () => reply()) as typeof fetch

function letter(_: unknown, index: number) {
  const unknown = { topic: null, partition: null, type: null, event: null, deadAt: null, replayReason: null }
  return { ...unknown, id: String(index + 1), group: 'order-core.saga', key: 'order', reason: 'Error', replays: 0 }
}

/** Replies to the requests of a command, and notes them. */
function letters(count: number) {
  const requests: string[] = []
  const fetch = (async (url: string | URL | Request, init?: RequestInit) => {
    requests.push(`${init?.method} ${new URL(String(url)).pathname}`)
    if (init?.method === 'GET') {
      const oldest = Array.from({ length: count }, letter)
      return Response.json({ letters: String(url).includes('newest') ? oldest.toReversed() : oldest, next: null })
    }
    const { ids } = JSON.parse(String(init?.body))
    return Response.json({ dropped: ids })
  }) as typeof globalThis.fetch
  return { requests, fetch }
}
const DROP = ['dead-letters', 'drop', 'order-core.saga', '1', '2']

describe('an error is one line on standard error, with its exit code', () => {
  it.each([
    ['role-too-low', 3, 'The role of this operator token is too low. Why it is so. Ask an admin'],
    ['unauthorized', 3, 'Check the token'],
    ['not-found', 3, 'This address does not exist'],
    ['invalid-request', 3, 'The request is not valid'],
  ] as const)('%s', async (code, exit, text) => {
    const ran = await runWith(['sales', 'show', 'demo'], { fetch: replying(() => problem(code, 'Why\n it is so')) })
    expect([ran.exit, ran.out]).toEqual([exit, ''])
    expect(ran.errors.split('\n')).toHaveLength(2)
    expect(ran.errors).toContain(text)
    expect(ran.errors).toContain(`(${code}, trace ${TRACE})`)
  })

  it('an app that does not respond is named, and the command may be repeated', async () => {
    const fetch = (async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    }) as unknown as typeof globalThis.fetch
    const ran = await runWith(['sales', 'list'], { fetch })
    expect(ran).toMatchObject({ exit: 4, out: '' })
    expect(ran.errors).toBe(
      'floodgate: The waiting-room does not respond at http://room.test: Error: connect ECONNREFUSED\n',
    )
  })

  it('a proxy that asks for patience of an hour does not get it', async () => {
    vi.useFakeTimers()
    const busy = new Response('', { status: 503, headers: { 'retry-after': '3600' } })
    const running = runWith(['sales', 'list'], { fetch: replying(() => busy.clone()) })
    await vi.advanceTimersByTimeAsync(40_000)
    expect((await running).exit).toBe(4)
    vi.useRealTimers()
  })

  it('another server than Floodgate gets no more than one request', async () => {
    const ran = await runWith(['sales', 'list'], { fetch: replying(() => new Response('<html>', { status: 200 })) })
    expect(ran.exit).toBe(3)
    expect(ran.errors).toContain('which is no JSON')
  })

  it('with --json it is JSON on standard output, too', async () => {
    const ran = await runWith(['sales', 'list', '--json'], { fetch: replying(() => problem('unauthorized')) })
    expect(JSON.parse(ran.out)).toMatchObject({ error: 'unauthorized' })
  })

  it('an app without a URL is named before anything is sent', async () => {
    const environment = { ...NOWHERE, PAYMENT_WORKER_URL: '' }
    expect(await runWith(['money', 'check'], { environment })).toMatchObject({
      exit: 2,
      errors: expect.stringContaining('needs the URL of the payment-worker'),
    })
    expect(await runWith(['erase', '--buyer', 'ann'], { environment })).toMatchObject({
      exit: 2,
      errors: expect.stringContaining('no URL is known of: payment-worker'),
    })
  })
})

it('a failure of the command itself is neither a missing response nor worth repeating', () => {
  expect(failureOf(new RangeError('Invalid string length'))).toEqual({
    ...{ exit: 70, code: 'failed', line: 'The command failed: Invalid string length' },
  })
})

it('JSON has the same content, and no character that acts on a terminal', async () => {
  const name = 'E\u202ev\u009be\u2028'
  const own = { id: 'a', name, role: 'viewer', expiresAt: null }
  const { out } = await runWith(['whoami', '--json'], { fetch: replying(() => Response.json(own)) })
  expect(JSON.parse(out)).toEqual(own)
  expect(out).toContain('"E\\u202ev\\u009be\\u2028"')
})

describe('tokens', () => {
  const TOKEN = { id: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b', name: 'Ada', role: 'operator', createdBy: 'ADMIN_TOKEN' }
  const times = { createdAt: '2027-03-28T10:00:00.000Z', expiresAt: '2127-06-26T10:00:00.000Z', revokedAt: null }

  it('are created by one request, also after 503: a repetition would make another one', async () => {
    let requests = 0
    const fetch = replying(() => {
      requests += 1
      return problem('unavailable')
    })
    expect(await runWith(['tokens', 'create', 'Ada', '--role', 'viewer'], { fetch })).toMatchObject({ exit: 4 })
    expect(requests).toBe(1)
  })

  it('are revoked after a question that names the person', async () => {
    const fetch = replying(() => Response.json({ tokens: [{ ...TOKEN, ...times }] }))
    const ran = await runWith(['tokens', 'revoke', TOKEN.id], { fetch, typed: 'no\n' })
    expect(ran.errors).toContain(`1 token, ${TOKEN.id} of Ada (operator, in force), will be revoked for good.`)
  })
})

describe('what cannot be undone', () => {
  it('is counted and asked for, and happens after yes', async () => {
    const { requests, fetch } = letters(7)
    const ran = await runWith(DROP, { fetch, typed: 'yes\n' })
    expect(ran.errors).toContain('2 dead letters of order-core.saga will be deleted for good. Type yes to continue: ')
    expect([ran.exit, requests]).toEqual([0, ['POST /admin/dead-letters/order-core.saga/drop']])
  })

  it.each(['no\n', '\n', 'y\n', ''])('does not happen after %j', async (typed) => {
    const { requests, fetch } = letters(7)
    const ran = await runWith(['dead-letters', 'drop', 'order-core.saga', '--all'], { fetch, typed })
    expect(ran).toMatchObject({ exit: 5, out: 'Nothing was changed.\n' })
    expect(ran.errors).toContain('7 dead letters')
    expect(new Set(requests)).toEqual(new Set(['GET /admin/dead-letters/order-core.saga']))
  })

  it('is not counted by prune, whose question names the age of the oldest rows', async () => {
    const table = { table: 'orders.orders', oldest: new Date(Date.now() - 3 * 86_400_000).toISOString() }
    const fetch = replying(() => Response.json({ app: 'order-core', tables: [table] }))
    const ran = await runWith(['prune', '--order-core', 'http://core.test'], { fetch, typed: 'no\n' })
    expect(ran).toMatchObject({ exit: 5 })
    expect(ran.errors).toContain('Oldest rows, in days: orders.orders 3.0.')
  })

  it('is no success of prune while a table fails, as with a full disk for its export', async () => {
    const tables = ['orders.orders', 'orders.buyer_units'].map((table) => ({ table, oldest: null }))
    const fetch = (async (_: unknown, init?: RequestInit) =>
      Response.json({
        app: 'order-core',
        ...(init?.method === 'GET' ? { tables } : { deleted: { 'orders.buyer_units': 3 } }),
      })) as typeof globalThis.fetch
    const ran = await runWith(['prune', '--yes', '--order-core', 'http://core.test'], { fetch })
    expect(ran.exit).toBe(1)
    expect(ran.out).toMatch(/orders\.orders +failed: see the log/)
  })

  it('does not happen without a terminal, unless --yes is given', async () => {
    const { requests, fetch } = letters(7)
    expect(await runWith(DROP, { fetch })).toMatchObject({ exit: 2, errors: expect.stringContaining('add --yes') })
    expect(requests).toEqual([])
    expect(await runWith([...DROP, '--yes'], { fetch })).toMatchObject({ exit: 0, out: '2 dropped\n' })
  })
})

describe('the table', () => {
  it('has examples that parse, summaries in one line, and names of one or two words', () => {
    for (const { name, summary, examples } of COMMANDS) {
      expect(name).toMatch(/^[a-z-]+( [a-z-]+)?$/)
      expect(summary).not.toMatch(/[.\n]$/)
      for (const example of examples) expect(example.startsWith(`floodgate ${name}`), example).toBe(true)
    }
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length)
  })

  it('is the help, in full and per command', async () => {
    const all = helpText('', COMMANDS)
    for (const { name, summary } of COMMANDS) {
      expect(all).toContain(name)
      expect(all).toContain(summary)
    }
    expect((await runWith(['sales', 'close', '--help'])).out).toContain('--yes')
    expect((await runWith(['help', 'sales'])).out).not.toContain('doctor')
    expect((await runWith(['help', 'nothing'])).out).toBe(all)
  })

  it.each(['bash', 'zsh', 'fish'])('is completed by %s, commands and options', async (shell) => {
    const { out, exit } = await runWith(['completions', shell])
    expect(exit).toBe(0)
    for (const command of COMMANDS) {
      for (const word of command.name.split(' ')) expect(out).toContain(word)
      for (const option of Object.keys(optionsOf(command))) expect(out).toContain(option)
    }
    expect(() => completionScript('tcsh', COMMANDS)).toThrow('There are completions for bash, zsh, fish')
  })
})
