import type {
  CatalogueBody,
  IdentityRevocationRequest,
  ProblemCode,
  PurchaseTrace,
  RefundBody,
  SaleAct,
  SalePutInput,
  VoucherCampaignInput,
} from '@floodgate/contracts'
import { ask, type Reply } from '../shared/http.ts'

export interface ConsoleUrls {
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly paymentWorkerUrl: string
}

type Trace = Pick<PurchaseTrace, 'steps'> & Partial<PurchaseTrace>

/** The order core reads for four minutes at most. */
const LEDGER_MS_MAX = 250_000

/** Creates all calls of the console to the apps, with the operator's token. */
export function createOperator({ orderCoreUrl, notifierUrl, paymentWorkerUrl }: ConsoleUrls, bearer: string) {
  const core = { app: orderCoreUrl, bearer }
  return {
    me: () => ask('GET /admin/me', { bearer }),
    sales: () => ask('GET /admin/sales', { bearer }),
    act: (sale: string, act: SaleAct) => ask(`POST /admin/sales/{sale}/${act}`, { params: { sale }, bearer }),
    sale: (sale: string) => ask('GET /admin/sales/{sale}', { params: { sale }, bearer }),
    save: (sale: string, body: SalePutInput) => ask('PUT /admin/sales/{sale}', { params: { sale }, body, bearer }),
    catalogue: (sale: string) => ask('GET /admin/sales/{sale}/catalogue', { ...core, params: { sale } }),
    /** Rejected unless `replaces` is the current version. `raiseTotals`: raises units below what is held and sold to that number, instead of rejecting them. */
    saveCatalogue: (
      sale: string,
      body: CatalogueBody,
      { replaces, raiseTotals }: { replaces: string; raiseTotals: boolean },
    ) =>
      ask('PUT /admin/sales/{sale}/catalogue', {
        ...{ ...core, params: { sale }, body, replaces },
        ...(raiseTotals && { query: { raiseTotals: 'true' } }),
      }),
    vouchers: (sale: string) => ask('GET /admin/sales/{sale}/vouchers', { ...core, params: { sale } }),
    voucher: (params: { sale: string; campaign: string }) =>
      ask('GET /admin/sales/{sale}/vouchers/{campaign}', { ...core, params }),
    /** Rejected unless `replaces` is the current version. */
    saveVoucher: (params: { sale: string; campaign: string }, body: VoucherCampaignInput, replaces: string) =>
      ask('PUT /admin/sales/{sale}/vouchers/{campaign}', { ...core, params, body, replaces }),
    order: (id: string) => ask('GET /admin/orders/{id}', { ...core, params: { id } }),
    ordersOf: (number: string) => ask('GET /admin/orders', { ...core, query: { number } }),
    /** With the same key it refunds once. */
    refund: (id: string, body: RefundBody, key: string) =>
      ask('POST /admin/orders/{id}/refunds', { ...core, params: { id }, body, key }),
    repeatRefunds: (id: string) => ask('POST /admin/orders/{id}/refund', { ...core, params: { id } }),
    rejectedRefunds: () => ask('GET /admin/refunds', { app: paymentWorkerUrl, bearer }),
    refundMade: (id: string, reference: string) =>
      ask('POST /admin/refunds/{id}/made', { app: paymentWorkerUrl, params: { id }, body: { reference }, bearer }),
    revoke: (body: IdentityRevocationRequest) => ask('POST /admin/revocations', { body, bearer }),
    revocations: (limit: number) => ask('GET /admin/revocations', { query: { limit }, bearer }),
    stock: (sale: string) => ask('GET /admin/sales/{sale}/stock', { ...core, params: { sale } }),
    /** Reads all orders of the sale. */
    checkLedger: (sale: string) =>
      ask('GET /admin/sales/{sale}/stock/ledger', { ...core, params: { sale }, msMax: LEDGER_MS_MAX }),
    webhooks: (limit: number, state?: 'dead') =>
      ask('GET /admin/webhooks', { app: notifierUrl, query: { limit, ...(state !== undefined && { state }) }, bearer }),
    replayWebhooks: () => ask('POST /admin/webhooks/replay', { app: notifierUrl, bearer }),
    replayWebhook: (id: string) =>
      ask('POST /admin/webhooks/{id}/replay', { app: notifierUrl, params: { id }, bearer }),
    dropWebhook: (id: string) => ask('POST /admin/webhooks/{id}/drop', { app: notifierUrl, params: { id }, bearer }),
    /** Drops those whose last attempt was before a time. */
    dropWebhooks: (before: string) => ask('POST /admin/webhooks/drop', { app: notifierUrl, body: { before }, bearer }),
    diagnose: (sale: string) => ask('POST /admin/diagnosis-tokens', { body: { sale }, bearer }),
    /** Reads the newest entries, oldest first. */
    log: (sale: string, last: number) =>
      ask('GET /admin/sales/{sale}/log', { params: { sale }, query: { last }, bearer }),
    /**
     * Reads one purchase from every app's records; reports which apps could not be read. Apps behind one host name have
     * one address, where one of them responds: its steps appear once.
     */
    trace: async (order: string): Promise<{ replies: Reply<Trace>[] }> => {
      const apps = [...new Set([orderCoreUrl, paymentWorkerUrl, notifierUrl])]
      const replies = await Promise.all(
        apps.map((app) => ask('GET /admin/traces/{order}', { app, params: { order }, bearer })),
      )
      const known = replies.find((reply) => reply.kind === 'success' && reply.body.slot !== undefined)
      if (known?.kind !== 'success' || known.body.sale === undefined || known.body.slot === undefined)
        return { replies }
      const { sale, slot } = known.body
      return {
        replies: [await ask('GET /admin/sales/{sale}/traces/{slot}', { params: { sale, slot }, bearer }), ...replies],
      }
    },
  }
}
export type Operator = ReturnType<typeof createOperator>

export function isChangedMeanwhile(reply: Reply<unknown>): boolean {
  return reply.kind === 'rejected' && reply.problem.code === 'version-conflict'
}

export function isCatalogueChanged(reply: Reply<unknown>): boolean {
  return reply.kind === 'rejected' && reply.problem.code === 'catalogue-changed'
}

export function isCampaignChanged(reply: Reply<unknown>): boolean {
  return reply.kind === 'rejected' && reply.problem.code === 'campaign-changed'
}

/** Rejections in the words of this page. */
const SENTENCES: Partial<Record<ProblemCode, string>> = {
  'time-past': 'That time is in the past. Nothing was changed.',
  'campaign-changed':
    'Someone else has changed this campaign. The form now shows it as it is: enter your change again.',
  'voucher-terms-fixed':
    'Buyers already have vouchers on the present terms: the discount and the minimum stay. Nothing was changed.',
  'total-below-issued': 'More vouchers than that are already claimed. Nothing was changed.',
  'campaigns-full': 'The sale has as many campaigns as it can have. Nothing was changed.',
  'refund-too-large': 'Fewer units are left to refund. Show the order again.',
  'order-not-refundable': 'The order is not paid, or all of it is refunded. Show the order again.',
  'key-reused': 'This form has already requested another refund. Show the order again.',
  'webhook-not-dead': 'The webhook waits for its next attempt, is sent or dropped. Show the webhooks again.',
  'endpoint-gone': 'WEBHOOKS of the notifier no longer names the endpoint of this webhook.',
  'refund-not-rejected': 'The refund is in progress, or it is made. Show the rejected refunds again.',
}

/** Describes the failure of a call in a sentence; undefined for a success. */
export function complaintOf(reply: Reply<unknown>): string | undefined {
  if (reply.kind === 'success') return undefined
  if (reply.kind === 'unreachable') return 'The server is not responding. Is it running?'
  if (isChangedMeanwhile(reply))
    return 'Someone else has changed this sale. The form now shows its current settings: enter your change again.'
  if (isCatalogueChanged(reply))
    return 'Someone else has changed this catalogue. The form now shows it as it is: enter your change again.'
  const { code, detail, errors } = reply.problem
  const sentence = SENTENCES[code]
  if (sentence !== undefined) return sentence
  return [detail, ...errors.map(({ pointer, message }) => `${pointer || 'body'} ${message}`)].join(' · ')
}
