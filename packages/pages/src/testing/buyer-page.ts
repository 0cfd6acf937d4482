import type { OrderResource, PublicCatalogue, TicketStatus } from '@floodgate/contracts'
import { beginWith } from '../browser/buyer/begin.ts'
import { jobsOf } from '../browser/buyer/jobs.ts'
import type { Model } from '../browser/buyer/model.ts'
import type { PageEvent } from '../browser/buyer/page-event.ts'
import { reduce } from '../browser/buyer/reduce.ts'
import { viewOf } from '../browser/buyer/view-state.ts'
import type { Problem } from '../browser/shared/problem.ts'

export const now = Date.parse('2030-01-01T12:00:00.000Z')
export const draft = { items: [{ sku: 'COAT', quantity: 1 }], email: 'a@b.example', paymentMethod: 'sim_ok' }
export const start = beginWith({ id: 'demo', name: 'Demo', state: 'open' }, {})

export function after(model: Model, ...happenings: PageEvent[]) {
  return happenings.reduce(reduce, model)
}
export function screenOf(model: Model, at = now) {
  return viewOf(model, at).screen
}
export function jobKinds(model: Model) {
  return jobsOf(model).map((job) => job.kind)
}

export const joined: Extract<PageEvent, { kind: 'joined' }> = {
  kind: 'joined',
  joined: { ticket: 't1', place: 40, position: 40, etaSeconds: 8, pollAfterMs: 500, saleState: 'open' },
}
export function ticket(changes: Partial<TicketStatus> & { returners?: number }): PageEvent {
  return {
    kind: 'ticket',
    status: {
      state: 'waiting',
      saleState: 'open',
      position: 30,
      etaSeconds: 6,
      pollAfterMs: 500,
      snapshot: 5,
      returners: 0,
      ...changes,
    } as TicketStatus,
  }
}
export const insideStatus = {
  state: 'admitted',
  position: null,
  admission: 'pass',
  expiresAt: '2030-01-01T12:05:00.000Z',
  snapshot: 9,
} as const
export const admitted = ticket(insideStatus)
export const buy: Extract<PageEvent, { kind: 'buy' }> = { kind: 'buy', draft, key: 'k1' }
export function rejected(code: Problem['code'], more: Partial<Problem> = {}): Extract<PageEvent, { problem: Problem }> {
  return {
    kind: 'order-rejected',
    at: now,
    problem: {
      code,
      status: 409,
      title: undefined,
      detail: '',
      retryAfterMs: undefined,
      retryable: false,
      hopeless: false,
      final: false,
      skus: [],
      items: [],
      currency: undefined,
      location: undefined,
      errors: [],
      ...more,
    },
  }
}
export function order(changes: Partial<OrderResource>): PageEvent {
  return {
    kind: 'order',
    order: {
      id: 'o1',
      sale: 'demo',
      items: [],
      totalMinor: 1,
      currency: 'EUR',
      createdAt: '2030-01-01T12:00:00.000Z',
      holdExpiresAt: '2030-01-01T12:10:00.000Z',
      status: 'pending',
      version: 1,
      ...changes,
    },
  }
}

export function catalogueOf(
  items: readonly Partial<PublicCatalogue['items'][number]>[],
  askedAt = now,
  currency = 'EUR',
): PageEvent {
  return {
    kind: 'catalogue',
    askedAt,
    catalogue: {
      sale: 'demo',
      currency,
      items: items.map((changes) => ({
        sku: 'COAT',
        name: 'Coat',
        listPriceMinor: 2_000,
        salePriceMinor: 1_000,
        perBuyerLimit: 2,
        total: 1,
        available: 1,
        soldOut: false,
        ...changes,
      })),
    },
  }
}

export function boardOf(saleState: 'open' | 'closed' | 'scheduled'): PageEvent {
  return {
    kind: 'board',
    board: { saleState, opensAt: null, name: 'Demo' } as Extract<PageEvent, { kind: 'board' }>['board'],
  }
}
