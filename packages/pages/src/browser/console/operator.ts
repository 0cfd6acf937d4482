import type {
  CatalogueBody,
  CatalogueResource,
  LogEntry,
  PurchaseTrace,
  SaleAct,
  SalePutInput,
  SaleResource,
  StockAudit,
} from '@floodgate/contracts'
import { type Answer, ask } from '../shared/http.ts'

export interface ConsoleUrls {
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly paymentWorkerUrl: string
}

type Trace = Pick<PurchaseTrace, 'steps'> & Partial<PurchaseTrace>

/** Everything the console asks the apps, with the operator's token. */
export function createOperator(urls: ConsoleUrls, token: string) {
  const get = <Body>(url: string) => ask<Body>(url, { bearer: token })
  const put = (url: string, body: unknown) => ask(url, { method: 'PUT', bearer: token, body })

  return {
    sales: () => get<{ sales: SaleResource[] }>('/admin/sales'),
    act: (sale: string, act: SaleAct) => ask(`/admin/sales/${sale}/${act}`, { method: 'POST', bearer: token }),
    sale: (sale: string) => get<SaleResource>(`/admin/sales/${sale}`),
    save: (sale: string, settings: SalePutInput) => put(`/admin/sales/${sale}`, settings),
    catalogue: (sale: string) => get<CatalogueResource>(`${urls.orderCoreUrl}/admin/sales/${sale}/catalogue`),
    /** Refused when another than the version that it replaces is there. */
    /** `raiseTotals`: units below what is held and sold become that, instead of being refused. */
    saveCatalogue: (
      sale: string,
      catalogue: CatalogueBody,
      { replaces, raiseTotals }: { replaces: string; raiseTotals: boolean },
    ) =>
      ask<CatalogueBody>(
        `${urls.orderCoreUrl}/admin/sales/${sale}/catalogue${raiseTotals ? '?raiseTotals=true' : ''}`,
        {
          method: 'PUT',
          bearer: token,
          body: catalogue,
          replaces,
        },
      ),
    stock: (sale: string) => get<StockAudit>(`${urls.orderCoreUrl}/admin/sales/${sale}/stock`),
    /** The newest entries, oldest first. */
    log: (sale: string, last: number) => get<{ entries: LogEntry[] }>(`/admin/sales/${sale}/log?last=${last}`),
    /**
     * One purchase, as every app remembers it; what an app can't tell is missing, and is said. Apps behind one host name have
     * one address, where one of them answers: its steps come once.
     */
    trace: async (order: string): Promise<{ answers: Answer<Trace>[] }> => {
      const id = encodeURIComponent(order)
      const apps = [...new Set([urls.orderCoreUrl, urls.paymentWorkerUrl, urls.notifierUrl])]
      const answers = await Promise.all(apps.map((url) => get<Trace>(`${url}/admin/traces/${id}`)))
      const known = answers.find((answer) => answer.kind === 'answer' && answer.body.slot !== undefined)
      if (known?.kind !== 'answer' || known.body.sale === undefined || known.body.slot === undefined) return { answers }
      const room = await get<Trace>(`/admin/sales/${known.body.sale}/traces/${encodeURIComponent(known.body.slot)}`)
      return { answers: [room, ...answers] }
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

/** What went wrong with a call, in a sentence; undefined when nothing did. */
export function complaintOf(answer: Answer<unknown>): string | undefined {
  if (answer.kind === 'answer') return undefined
  if (answer.kind === 'unreachable') return 'The server does not answer. Is it running?'
  if (isChangedMeanwhile(answer))
    return 'Someone else has changed this sale. The form now shows its current settings: enter your change again.'
  if (isCatalogueChanged(answer))
    return 'Someone else has changed this catalogue. The form now shows it as it is: enter your change again.'
  if (answer.problem.code === 'time-past') return 'That time is in the past. Nothing was changed.'
  const { detail, errors } = answer.problem
  return [detail, ...errors.map(({ pointer, message }) => `${pointer || 'body'} ${message}`)].join(' · ')
}
