import { randomUUID } from 'node:crypto'
import type { EventOf, FloodgateEvent } from '@floodgate/contracts'
import type { KeyRing } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { readAddressKeys } from '../reminders/address-keys.ts'
import { createAddresses } from '../reminders/addresses.ts'
import type { Fixture } from './fixture.ts'

const MINUTE_MS = 60_000
export const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * MINUTE_MS).toISOString()
export const newSale = (): string => `sale-${randomUUID().slice(0, 8)}`

let addresses = 0
/** Returns an address in a domain of its own: a domain that defers a mail makes others to it wait. */
export function newAddress(): string {
  addresses += 1
  return `ann@d${addresses}.example`
}

export async function codeOf(response: Response) {
  return { status: response.status, code: ((await response.json()) as { code?: string }).code }
}

type SaleData = EventOf<'sale.configured.v1'>['data']

export type ReminderTools = ReturnType<typeof createReminderTools>

/** Creates what tests of reminders share: sales, requests to a notifier, and what became of them. */
export function createReminderTools(fixture: Fixture, notifier: { url(): string } | undefined) {
  /** The key of the fixture's notifiers. */
  const present = { kid: fixture.emailKid, bytes: Buffer.from(fixture.emailKey, 'base64url') }
  return {
    present,
    /** Publishes an event of a sale, and waits until it is known. */
    async saySale(
      type: 'sale.configured.v1' | 'sale.opened.v1' | 'sale.closed.v1',
      sale: string,
      changes: Partial<SaleData> & { readonly version?: number } = {},
    ): Promise<void> {
      const { version = 1, ...data } = changes
      const at = new Date().toISOString()
      const event: FloodgateEvent = {
        ...{ type, id: randomUUID(), source: '/test', time: at, aggregateVersion: version },
        data: { sale, name: 'Winter coats', state: 'scheduled', opensAt: null, closesAt: null, at, ...data },
      }
      await fixture.publish(event)
      await eventually(async () => {
        const { rows } = await fixture.pool.query('select from notices.sales where id = $1 and version >= $2', [
          sale,
          version,
        ])
        expect(rows).toHaveLength(1)
      })
    },
    request: (sale: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${notifier?.url()}/live/sales/${sale}/reminders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    mailsTo: async (address: string) => (await fixture.messages()).filter(({ to }) => to === address),
    async remindersOf(sale: string) {
      const { rows } = await fixture.pool.query<{ sealed: string; queued: boolean }>(
        'select sealed_to as sealed, queued_at is not null as queued from notices.reminders where sale = $1',
        [sale],
      )
      return rows
    },
    hashesOf: (address: string, ring: KeyRing = [present]) =>
      createAddresses(ring, () => readAddressKeys(fixture.pool, ring)).hashes(address),
  }
}
