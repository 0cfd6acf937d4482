import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinAnswer, ticketStatus } from '@floodgate/contracts'
import { removeData, type System, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import { eventually } from '@floodgate/testkit'

/** A whole system of its own, in a temporary directory. */
export async function startOwnSystem(): Promise<{ system: System; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'floodgate-pages-'))
  const system = await startSystem({
    dataDir,
    ports: 'free',
    durable: false,
    endWithParent: true,
    environment: withoutClientLimits(),
  })
  return {
    system,
    stop: async () => {
      await system.stop()
      await removeData(dataDir)
    },
  }
}

const asOperator = async (system: System, method: 'PUT' | 'POST', options: { url: string; body?: unknown }) => {
  const answer = await fetch(options.url, {
    method,
    headers: { authorization: `Bearer ${system.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(options.body ?? {}),
  })
  if (!answer.ok) throw new Error(`${method} ${options.url}: ${answer.status} ${await answer.text()}`)
}

/** Tells the simulated payment provider how to behave from now on. */
export async function controlPayments({ urls }: System, control: { mode: 'ok' | 'hang' }): Promise<void> {
  const answer = await fetch(`${urls.paymentSimulator}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(control),
  })
  if (!answer.ok) throw new Error(`The payment simulator answered ${answer.status}.`)
}

export async function actOnSale(
  { urls, ...system }: System,
  sale: string,
  act: 'close' | 'reopen' | 'resume',
): Promise<void> {
  return asOperator({ urls, ...system }, 'POST', { url: `${urls.waitingRoom}/admin/sales/${sale}/${act}` })
}

interface DemoSale {
  readonly name?: string
  readonly maxActive?: number
  readonly admissionTtlSeconds?: number
  readonly closesAt?: string
  readonly coat?: Coat
}

/** What is said of the one item. */
interface Coat {
  readonly name?: string
  readonly salePriceMinor?: number
  readonly total?: number
  readonly perBuyerLimit?: number
}

export async function putCoat(system: System, sale: string, coat: Coat = {}): Promise<void> {
  const item = { sku: 'COAT', name: 'Wool coat', listPriceMinor: 24_900, salePriceMinor: 12_450, total: 50 }
  await asOperator(system, 'PUT', {
    url: `${system.urls.orderCore}/admin/sales/${sale}/catalogue`,
    body: { currency: 'EUR', items: [{ ...item, perBuyerLimit: 2, ...coat }] },
  })
}

/** An open sale of one item that everybody gets into at once. */
export async function openSale(system: System, sale: string, options: DemoSale = {}): Promise<void> {
  const { waitingRoom } = system.urls
  await asOperator(system, 'PUT', {
    url: `${waitingRoom}/admin/sales/${sale}`,
    body: {
      name: options.name ?? 'Winter <b>coats</b> & more',
      admitPerSecond: 50,
      maxActive: options.maxActive ?? 100,
      admissionTtlSeconds: options.admissionTtlSeconds ?? 120,
      ...(options.closesAt === undefined ? {} : { closesAt: options.closesAt }),
    },
  })
  await putCoat(system, sale, options.coat)
  await asOperator(system, 'POST', { url: `${waitingRoom}/admin/sales/${sale}/open` })
}

/** Another buyer, without a browser, who orders so many coats and pays. */
export async function buyCoats(
  { urls }: System,
  sale: string,
  quantity: number,
  { email = 'other@example.com', language = 'en' } = {},
): Promise<void> {
  const joined = await fetch(`${urls.waitingRoom}/sales/${sale}/tickets`, { method: 'POST' })
  const { ticket } = joinAnswer.parse(await joined.json())
  const pass = await eventually(async () => {
    const asked = await fetch(`${urls.waitingRoom}/sales/${sale}/ticket`, {
      headers: { authorization: `Bearer ${ticket}` },
    })
    const status = ticketStatus.parse(await asked.json())
    if (status.state !== 'admitted') throw new Error(`The other buyer is ${status.state}.`)
    return status.admission
  })
  const answer = await fetch(`${urls.orderCore}/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${pass}`,
      'idempotency-key': crypto.randomUUID(),
      'content-type': 'application/json',
      'accept-language': language,
    },
    body: JSON.stringify({
      items: [{ sku: 'COAT', quantity }],
      email,
      paymentMethod: 'sim_ok',
    }),
  })
  if (answer.status !== 201) throw new Error(`The other buyer's order: ${answer.status} ${await answer.text()}`)
}
