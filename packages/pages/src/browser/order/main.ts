import type { PublicSaleState } from '@floodgate/contracts'
import { createAnnouncer } from '../buyer/announce.ts'
import { takeReturn } from '../buyer/bank-return.ts'
import { beginWith } from '../buyer/begin.ts'
import { buyerJobs, type Job } from '../buyer/jobs.ts'
import type { Model } from '../buyer/model.ts'
import { needsRead } from '../buyer/order-news.ts'
import type { PageEvent } from '../buyer/page-event.ts'
import { reduce } from '../buyer/reduce.ts'
import { createScreenView } from '../buyer/screen-view.ts'
import { type OrderProblem, type View, viewOf } from '../buyer/view-state.ts'
import { doJob } from '../buyer/work.ts'
import { saleAfterOrder } from '../shared/arrival.ts'
import { byId, pageSettings } from '../shared/dom.ts'
import { createJobRunner } from '../shared/run-jobs.ts'
import { loadTexts } from '../shared/texts.ts'
import { showTrouble, watchForTrouble } from '../shared/trouble.ts'
import { forgetKey, takeKey } from './key.ts'
import { readOrder } from './read-order.ts'

interface Settings {
  readonly sale: { id: string; name: string; state?: PublicSaleState }
  readonly order: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  /** The server's clock when it wrote the page. */
  readonly now: string
}

const SECOND = 1_000

const texts = await loadTexts()
watchForTrouble(texts)

const settings = pageSettings<Settings>()
const clockOffsetMs = Date.parse(settings.now) - Date.now()
const serverNow = () => Date.now() + clockOffsetMs

const waker = new EventTarget()
let model: Model = beginWith(settings.sale, {}, { page: 'order', cameBack: takeReturn() })
let rejected: OrderProblem | undefined

const dispatch = (pageEvent: PageEvent): void => {
  model = reduce(model, pageEvent)
  work()
  show()
}

const context = {
  sale: settings.sale.id,
  orderCoreUrl: settings.orderCoreUrl,
  notifierUrl: settings.notifierUrl,
  waker,
  model: () => model,
  dispatch,
  now: serverNow,
  // It has no turn.
  goTo: () => undefined,
}

const nothing = () => undefined

const showView = createScreenView({
  root: byId('stage'),
  banner: byId('banner'),
  saleName: settings.sale.name,
  texts,
  actions: {
    toSale: () => location.assign(saleAfterOrder(settings.sale.id)),
    tryNow: () => waker.dispatchEvent(new Event('wake')),
    claim: () => undefined,
    cancelOrder: () => dispatch({ kind: 'cancel-order' }),
    ...{ fill: nothing, buy: nothing, chooseAgain: nothing, rejoin: nothing, leave: nothing },
  },
})
const announce = createAnnouncer(byId('announcer'), texts)

const viewNow = (): View => {
  const { screen, lost } = viewOf(model, serverNow())
  if (rejected !== undefined) return { screen: { kind: 'order-rejected', why: rejected }, lost: false }
  return { screen: model.order === undefined ? { kind: 'looking' } : screen, lost }
}

const show = () => {
  const view = viewNow()
  showView(view)
  announce(view)
}

type PageJob =
  | { readonly kind: 'read'; readonly key: string; readonly link: string | undefined }
  | Extract<Job, { kind: 'watch-catalogue' | 'watch-board' | 'report-return' | 'cancel-order' }>

const read = (link: string | undefined, signal: AbortSignal) =>
  readOrder(
    {
      ...context,
      order: settings.order,
      signal,
      needsRead: (order) => needsRead(model, order),
      onOrder: (order, { reader, live }) => {
        rejected = undefined
        model = { ...model, reader }
        dispatch({ kind: 'order', order, live })
      },
      onLink: (up) => dispatch({ kind: 'link', up, at: serverNow() }),
      onRejected: (why) => {
        rejected = why
        show()
      },
      onKeyRejected: () => forgetKey(settings.order),
    },
    link,
  )

const run = createJobRunner<PageJob>(
  (job, signal) => (job.kind === 'read' ? read(job.link, signal) : doJob(job, context, signal)),
  (error) => showTrouble(error, texts),
)

let visit: Extract<PageJob, { kind: 'read' }>
/**
 * The catalogue has the items' names. After an order the buyer may want to buy again: the board says whether that is
 * possible.
 */
const work = () => {
  const { order, reader, catalogue } = model
  const jobs: PageJob[] = [visit]
  if (order !== undefined && reader !== undefined) jobs.push(...buyerJobs(model, order.id, reader))
  if (order !== undefined && catalogue === undefined) jobs.push({ kind: 'watch-catalogue', key: 'names' })
  if (order !== undefined && order.status !== 'pending') jobs.push({ kind: 'watch-board', key: 'again', pace: 'rare' })
  run(jobs)
}

let visits = 0
/** Also for another link that is opened in this tab. */
const begin = () => {
  visits += 1
  rejected = undefined
  visit = { kind: 'read', key: `read ${visits}`, link: takeKey(settings.order) }
  work()
  show()
}

addEventListener('hashchange', begin)
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') waker.dispatchEvent(new Event('wake'))
})
addEventListener('online', () => waker.dispatchEvent(new Event('wake')))
setInterval(show, SECOND / 2)
begin()
