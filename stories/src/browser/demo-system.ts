import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type System, startSystem, withoutClientLimits } from '@floodgate/dev/system'

/** A whole system of its own, in a temporary directory. */
export const startOwnSystem = async (): Promise<{ system: System; stop: () => Promise<void> }> => {
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
      await rm(dataDir, { recursive: true, force: true })
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
export const controlPayments = async ({ urls }: System, control: { mode: 'ok' | 'hang' }): Promise<void> => {
  const answer = await fetch(`${urls.paymentSimulator}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(control),
  })
  if (!answer.ok) throw new Error(`The payment simulator answered ${answer.status}.`)
}

export const actOnSale = async (
  { urls, ...system }: System,
  sale: string,
  act: 'close' | 'reopen' | 'resume',
): Promise<void> => asOperator({ urls, ...system }, 'POST', { url: `${urls.waitingRoom}/admin/sales/${sale}/${act}` })

/** An open sale of one item that everybody gets into at once. */
export const openSale = async (
  system: System,
  sale: string,
  options: { maxActive?: number; salePriceMinor?: number } = {},
): Promise<void> => {
  const { salePriceMinor = 12_450 } = options
  const { waitingRoom, orderCore } = system.urls
  await asOperator(system, 'PUT', {
    url: `${waitingRoom}/admin/sales/${sale}`,
    body: {
      name: 'Winter <b>coats</b> & more',
      admitPerSecond: 50,
      maxActive: options.maxActive ?? 100,
      admissionTtlSeconds: 120,
    },
  })
  await asOperator(system, 'PUT', {
    url: `${orderCore}/admin/sales/${sale}/catalogue`,
    body: {
      currency: 'EUR',
      items: [{ sku: 'COAT', name: 'Wool coat', listPriceMinor: 24_900, salePriceMinor, total: 50, perBuyerLimit: 2 }],
    },
  })
  await asOperator(system, 'POST', { url: `${waitingRoom}/admin/sales/${sale}/open` })
}
