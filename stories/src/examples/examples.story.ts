import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { exampleNames, openExampleSale, prepareExamples, startExample } from '@floodgate/dev/example'
import { freePort } from '@floodgate/processes'
import { eventually } from '@floodgate/testkit'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest'
import { openWindow, phone } from '../browser/browser.ts'
import { operatorOf, startOwnSystem } from '../browser/demo-system.ts'

/** How long a slow machine may take. */
const patience = { timeout: 60_000 }
const COMMAND = fileURLToPath(new URL('../../../dev/example.mjs', import.meta.url))
const TURN_SECONDS = 120
/** Long enough to go to the shop, and short enough to wait for its end. */
const SHORT_TURN_SECONDS = 20

type After = TestContext['onTestFinished']
type Prepared = Awaited<ReturnType<typeof prepareExamples>>[number]
let running: Awaited<ReturnType<typeof startOwnSystem>>
let prepared: readonly Prepared[]

beforeAll(async () => {
  const onProgress = (line: string) => void process.stderr.write(`· ${line}\n`)
  ;[running, prepared] = await Promise.all([startOwnSystem(), prepareExamples(exampleNames, { onProgress })])
})
afterAll(async () => {
  await running?.stop()
})

const apps = () => {
  const { urls, adminToken } = running.system
  return { urls: { 'waiting-room': urls.waitingRoom }, adminToken }
}

/** Starts one of the shops with a sale of its own, whose turns last so long. */
async function open(name: string, sale: string, { seconds, after }: { seconds: number; after: After }) {
  const example = prepared.find((each) => each.name === name)
  if (example === undefined) throw new Error(`${name} is not prepared.`)
  const [queueUrl, port] = [running.system.urls.waitingRoom, await freePort()]
  const shopUrl = `http://localhost:${port}`
  await openExampleSale(apps(), { sale, shopUrl, admissionTtlSeconds: seconds })
  const shop = await startExample(example, {
    queueUrl,
    sale,
    port,
    onLine: (line) => process.stderr.write(`${line}\n`),
  })
  after(shop.stop)
  const operator = operatorOf(running.system)
  const counts = async () => (await operator.sale(sale)).counts
  const ends = async () => (await operator.log(sale)).flatMap((each) => (each.kind === 'returned' ? [each.reason] : []))
  return { url: shopUrl, line: `${queueUrl}/sales/${sale}`, counts, ends }
}

/** Runs the command against the running system. */
function runExample(after: After, ...args: readonly string[]) {
  const { urls, adminToken } = running.system
  const env = { ...process.env, WAITING_ROOM_URL: urls.waitingRoom, ADMIN_TOKEN: adminToken }
  const command = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [command.stdout, command.stderr])
    stream.on('data', (chunk) => {
      said += chunk
    })
  const exited = new Promise<number | null>((resolve) => command.once('close', resolve))
  const end = async () => {
    command.kill('SIGTERM')
    return await exited
  }
  after(async () => void (await end()))
  return {
    exited,
    end,
    said: () => said,
    untilOpen: async () => {
      const [, url = '', line = ''] = await eventually(() => {
        if (command.exitCode !== null) throw new Error(said)
        const found = /open at (\S+), its line at (\S+)\. /.exec(said)
        if (found === null) throw new Error(`not open yet: ${said}`)
        return found
      })
      return { url, line }
    },
  }
}

type Shop = Awaited<ReturnType<typeof open>>

async function newBuyer(after: After, size?: typeof phone): Promise<Page> {
  const window = await openWindow(size)
  after(window.close)
  return await window.newPage()
}
const screen = (page: Page, name: string) => page.locator(`[data-screen="${name}"]`)
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const chooseLamp = async (page: Page, { url }: Pick<Shop, 'url'>) => {
  await page.goto(url)
  await page.getByRole('link', { name: 'Buy the Desk lamp' }).click()
}
const untilCheckout = async (page: Page, { url }: Pick<Shop, 'url'>) => {
  await page.waitForURL(`${url}/checkout/lamp`, patience)
  await page.getByRole('heading', { name: 'Checkout' }).waitFor()
}
const buy = async (page: Page, { url }: Shop) => {
  await press(page, 'Buy now')
  await page.waitForURL(`${url}/thanks/lamp`, patience)
  await page.getByText('You bought: Desk lamp').waitFor()
}
/** The remaining seconds that the checkout shows. */
const secondsLeft = async (page: Page) => Number(await page.locator('b').textContent())

describe('npm run example', () => {
  it('opens a sale for a shop, runs it, and ends both processes by a signal', async ({ expect, onTestFinished }) => {
    const port = await freePort()
    const command = runExample(onTestFinished, 'express', '--port', String(port))
    const { url, line } = await command.untilOpen()
    expect([url, line]).toEqual([`http://localhost:${port}`, `${running.system.urls.waitingRoom}/sales/shop-express`])
    const page = await newBuyer(onTestFinished)
    await chooseLamp(page, { url })
    await untilCheckout(page, { url })
    expect(await command.end()).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  it.concurrent.for([
    ['no shop', []],
    ['a shop that does not exist', ['django']],
    ['two shops', ['express', 'next']],
    ['a port that is none', ['express', '--port', '70000']],
  ] as const)('with %s shows how it is used', async ([, args], { expect, onTestFinished }) => {
    const command = runExample(onTestFinished, ...args)
    expect(await command.exited).toBe(2)
    expect(command.said()).toContain('npm run example -- express|next|workers')
  })

  it('rejects a port in use, and a closed sale', async ({ expect, onTestFinished }) => {
    const { port } = new URL(running.system.urls.waitingRoom)
    const taken = runExample(onTestFinished, 'express', '--port', port)
    expect(await taken.exited).toBe(2)
    expect(taken.said()).toContain(port)
    const sale = 'shop-closed'
    await openExampleSale(apps(), { sale, shopUrl: 'http://localhost:8080' })
    await operatorOf(running.system).act(sale, 'close')
    const closed = runExample(onTestFinished, 'express', '--port', String(await freePort()), '--sale', sale)
    expect(await closed.exited).toBe(2)
    expect(closed.said()).toContain('is closed')
  })
})

describe('the example shop', () => {
  it.concurrent.for(exampleNames)(
    '%s lets a second buyer in once the first has bought',
    async (name, { expect, onTestFinished }) => {
      const shop = await open(name, `${name}-buying`, { seconds: TURN_SECONDS, after: onTestFinished })
      const [first, second] = [await newBuyer(onTestFinished), await newBuyer(onTestFinished, phone)]
      await chooseLamp(first, shop)
      // The page of the line leads back by itself.
      await untilCheckout(first, shop)
      await chooseLamp(second, shop)
      await screen(second, 'waiting').waitFor()
      expect(second.url()).toBe(`${shop.line}?return=${encodeURIComponent(`${shop.url}/checkout/lamp`)}`)
      expect(await shop.counts()).toMatchObject({ active: 1, waiting: 1, returned: 0 })

      const before = await secondsLeft(first)
      await press(first, 'One more minute')
      await first.waitForURL(`${shop.url}/checkout/lamp?extensions=1`, patience)
      expect(await secondsLeft(first)).toBeGreaterThan(before)
      await press(first, 'One more minute')
      await first.waitForURL(`${shop.url}/checkout/lamp?extensions=2`, patience)
      await press(first, 'One more minute')
      await first.getByText('You cannot get more time.').waitFor()
      await screen(second, 'waiting').waitFor()

      await buy(first, shop)
      await untilCheckout(second, shop)
      await buy(second, shop)
      await expect.poll(shop.counts, patience).toMatchObject({ admitted: 2, active: 0, waiting: 0, returned: 2 })
      expect(await shop.ends()).toEqual(['finished', 'finished'])

      // One turn, one order: the next one needs another turn.
      await chooseLamp(first, shop)
      await screen(first, 'finished').waitFor()
    },
  )

  it.concurrent.for(exampleNames)(
    '%s takes a buyer who joined the line first',
    async (name, { expect, onTestFinished }) => {
      const shop = await open(name, `${name}-joined-first`, { seconds: TURN_SECONDS, after: onTestFinished })
      const page = await newBuyer(onTestFinished)
      await page.goto(shop.line)
      await page.waitForURL(`${shop.url}/`, patience)
      await chooseLamp(page, shop)
      await untilCheckout(page, shop)
      expect(await shop.counts()).toMatchObject({ admitted: 1, active: 1 })
      const odd = await page.evaluate<number[]>(`Promise.all([
      fetch('/checkout/nothing'),
      fetch('/checkout/lamp', { method: 'HEAD' }),
      fetch('/checkout/nothing/buy', { method: 'POST' }),
      fetch('/checkout/lamp/more-time', { method: 'POST' }),
    ]).then((responses) => responses.map(({ status }) => status))`)
      expect([odd[0], odd[2], odd[3]], 'an unknown item, twice, and no number').toEqual([404, 404, 200])
      // The page of Next reads the pass by itself; the others get none from the gate.
      expect(odd[1], 'HEAD').toBe(name === 'next' ? 200 : 404)
      await buy(page, shop)
    },
  )

  it.concurrent.for(exampleNames)(
    '%s sends a buyer whose pass has ended to the line again',
    async (name, { expect, onTestFinished }) => {
      const shop = await open(name, `${name}-ending`, { seconds: SHORT_TURN_SECONDS, after: onTestFinished })
      const page = await newBuyer(onTestFinished)
      await page.goto(shop.url)
      const seen = await page.evaluate<object>(`fetch('/checkout/lamp').then(async (response) => ({
      status: response.status,
      type: response.headers.get('content-type'),
      location: response.headers.get('location'),
      code: (await response.json()).code,
    }))`)
      const location = `${shop.line}?return=${encodeURIComponent(`${shop.url}/checkout/lamp`)}`
      expect(seen).toEqual({ status: 401, type: 'application/problem+json', location, code: 'admission-missing' })

      await chooseLamp(page, shop)
      await untilCheckout(page, shop)
      await expect.poll(shop.counts, patience).toMatchObject({ active: 0, returned: 1 })
      await press(page, 'Buy now')
      await screen(page, 'admission-expired').waitFor()
      await press(page, 'Join the line again')
      await untilCheckout(page, shop)
      await buy(page, shop)
      await expect.poll(shop.ends, patience).toEqual(['expired', 'finished'])
    },
  )
})
