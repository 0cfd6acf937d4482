import { joinResponse, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { operator, type Rooms } from './start-rooms.ts'

export const SHOP = 'https://shop.example'
const SETTINGS = { name: 'A sale', admitPerSecond: 100, maxActive: 1, admissionTtlSeconds: 600, returnOrigins: [SHOP] }

type Admitted = Extract<TicketStatus, { state: 'admitted' }>

/** Sales of a shop of its own, and their buyers, who have only a ticket. */
export function createShopBuyers(rooms: () => Rooms) {
  async function openSale(sale: string, more: object = {}): Promise<string> {
    const body = { ...SETTINGS, ...more }
    await eventually(async () =>
      expect((await rooms().request('PUT', `/admin/sales/${sale}`, { headers: operator, body })).status).toBe(201),
    )
    expect((await rooms().request('POST', `/admin/sales/${sale}/open`, { headers: operator })).status).toBe(200)
    return sale
  }
  async function join(sale: string) {
    const response = await rooms().request('POST', `/sales/${sale}/tickets`)
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
    return { ticket: joinResponse.parse(await response.json()).ticket, cookie: cookies.join('; ') }
  }
  async function poll(sale: string, ticket: string): Promise<TicketStatus> {
    const response = await rooms().request('GET', `/sales/${sale}/ticket`, { headers: bearer(ticket) })
    expect(response.status).toBe(200)
    return ticketStatus.parse(await response.json())
  }
  function untilAdmitted(sale: string, ticket: string): Promise<Admitted> {
    return eventually(async () => {
      const status = await poll(sale, ticket)
      if (status.state !== 'admitted') throw new Error(status.state)
      return status
    })
  }
  return {
    ...{ openSale, join, poll, untilAdmitted },
    admit: async (sale: string) => {
      const { ticket, cookie } = await join(sale)
      return { ticket, cookie, status: await untilAdmitted(sale, ticket) }
    },
  }
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

export function slotOf(admission: string): string {
  return JSON.parse(Buffer.from(admission.split('.')[1] ?? '', 'base64url').toString()).jti
}
