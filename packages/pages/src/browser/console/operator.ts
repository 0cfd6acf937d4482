import type {
  CatalogueBody,
  IdentityRevocationRequest,
  PurchaseTrace,
  SaleAct,
  SalePutInput,
} from '@floodgate/contracts'
import { type Answer, ask } from '../shared/http.ts'

export interface ConsoleUrls {
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly paymentWorkerUrl: string
}

type Trace = Pick<PurchaseTrace, 'steps'> & Partial<PurchaseTrace>

/** Creates all calls of the console to the apps, with the operator's token. */
export function createOperator({ orderCoreUrl, notifierUrl, paymentWorkerUrl }: ConsoleUrls, bearer: string) {
  const core = { app: orderCoreUrl, bearer }
  return {
    sales: () => ask('GET /admin/sales', { bearer }),
    act: (sale: string, act: SaleAct) => ask(`POST /admin/sales/{sale}/${act}`, { params: { sale }, bearer }),
    sale: (sale: string) => ask('GET /admin/sales/{sale}', { params: { sale }, bearer }),
    save: (sale: string, body: SalePutInput) => ask('PUT /admin/sales/{sale}', { params: { sale }, body, bearer }),
    catalogue: (sale: string) => ask('GET /admin/sales/{sale}/catalogue', { ...core, params: { sale } }),
    /** Rejected unless `replaces` is the current version. */
    /** `raiseTotals`: raises units below what is held and sold to that number, instead of rejecting them. */
    saveCatalogue: (
      sale: string,
      body: CatalogueBody,
      { replaces, raiseTotals }: { replaces: string; raiseTotals: boolean },
    ) =>
      ask('PUT /admin/sales/{sale}/catalogue', {
        ...{ ...core, params: { sale }, body, replaces },
        ...(raiseTotals && { query: { raiseTotals: 'true' } }),
      }),
    revoke: (body: IdentityRevocationRequest) => ask('POST /admin/revocations', { body, bearer }),
    revocations: (limit: number) => ask('GET /admin/revocations', { query: { limit }, bearer }),
    stock: (sale: string) => ask('GET /admin/sales/{sale}/stock', { ...core, params: { sale } }),
    diagnose: (sale: string) => ask('POST /admin/diagnosis-tokens', { body: { sale }, bearer }),
    /** Reads the newest entries, oldest first. */
    log: (sale: string, last: number) =>
      ask('GET /admin/sales/{sale}/log', { params: { sale }, query: { last }, bearer }),
    /**
     * Reads one purchase from every app's records; reports which apps could not be read. Apps behind one host name have
     * one address, where one of them responds: its steps appear once.
     */
    trace: async (order: string): Promise<{ answers: Answer<Trace>[] }> => {
      const apps = [...new Set([orderCoreUrl, paymentWorkerUrl, notifierUrl])]
      const answers = await Promise.all(
        apps.map((app) => ask('GET /admin/traces/{order}', { app, params: { order }, bearer })),
      )
      const known = answers.find((answer) => answer.kind === 'answer' && answer.body.slot !== undefined)
      if (known?.kind !== 'answer' || known.body.sale === undefined || known.body.slot === undefined) return { answers }
      const { sale, slot } = known.body
      return {
        answers: [await ask('GET /admin/sales/{sale}/traces/{slot}', { params: { sale, slot }, bearer }), ...answers],
      }
    },
  }
}
export type Operator = ReturnType<typeof createOperator>

export function isChangedMeanwhile(answer: Answer<unknown>): boolean {
  return answer.kind === 'refused' && answer.problem.code === 'version-conflict'
}

export function isCatalogueChanged(answer: Answer<unknown>): boolean {
  return answer.kind === 'refused' && answer.problem.code === 'catalogue-changed'
}

/** Describes what went wrong with a call, in a sentence; undefined when nothing did. */
export function complaintOf(answer: Answer<unknown>): string | undefined {
  if (answer.kind === 'answer') return undefined
  if (answer.kind === 'unreachable') return 'The server is not responding. Is it running?'
  if (isChangedMeanwhile(answer))
    return 'Someone else has changed this sale. The form now shows its current settings: enter your change again.'
  if (isCatalogueChanged(answer))
    return 'Someone else has changed this catalogue. The form now shows it as it is: enter your change again.'
  if (answer.problem.code === 'time-past') return 'That time is in the past. Nothing was changed.'
  const { detail, errors } = answer.problem
  return [detail, ...errors.map(({ pointer, message }) => `${pointer || 'body'} ${message}`)].join(' · ')
}
