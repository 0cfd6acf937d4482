import type { PublicSaleState } from '@floodgate/contracts'
import { reloadForIdentity, takeFromOrder, takeIdentity, takeStopToken } from '../shared/arrival.ts'
import { byId, h, pageSettings, setText } from '../shared/dom.ts'
import { randomId } from '../shared/random-id.ts'
import { createJobRunner } from '../shared/run-jobs.ts'
import { type CookieKind, tryStorage } from '../shared/storage.ts'
import { loadTexts } from '../shared/texts.ts'
import { showTrouble, watchForTrouble } from '../shared/trouble.ts'
import { createAnnouncer } from './announce.ts'
import { orderPageAfter, takeReturn } from './bank-return.ts'
import { beginWith } from './begin.ts'
import { openIdentity } from './identity.ts'
import { createInbox } from './inbox.ts'
import { type Job, jobsOf } from './jobs.ts'
import { createLeave } from './leaving.ts'
import { openMemory } from './memory.ts'
import type { PageEvent } from './page-event.ts'
import { promiseText, warningTexts } from './promises.ts'
import { reduce } from './reduce.ts'
import { returnIn } from './return-param.ts'
import { createScreenView } from './screen-view.ts'
import { shopOf } from './shop.ts'
import { viewOf } from './view-state.ts'
import { doJob } from './work.ts'

/** The document of an older process lacks newer settings and elements. */
interface Settings {
  /** The browser already had the buyer's cookie. */
  readonly isKnown?: boolean
  readonly sale: {
    id: string
    name: string
    state?: PublicSaleState
    opensAt?: string | null
    hasShop?: boolean
    /** Where buyers sign in, of a sale with accounts. */
    signInUrl?: string | null
  }
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  /** The buyer pays on the provider's own page. */
  readonly paysElsewhere?: boolean
  readonly cookies?: CookieKind
  /** The server's clock when it wrote the page: a phone's own clock may be wrong. */
  readonly now: string
}

const SECOND = 1_000
/** After a longer absence a buyer wonders about the place. */
const LONG_AWAY_MS = 20 * SECOND

// Before anything else: a script that fails must not leave it in the address.
const arrivedAs = takeIdentity()
const stopToken = takeStopToken()
const texts = await loadTexts()
watchForTrouble(texts)

const settings = pageSettings<Settings>()
const clockOffsetMs = Date.parse(settings.now) - Date.now()
const serverNow = () => Date.now() + clockOffsetMs

const memory = openMemory(settings.sale.id)
const identity = openIdentity(settings.sale.id, arrivedAs)
const isFramed = window.top !== window.self
const recalled = memory.recall()
// The shop names the buyer: the memory of this tab and browser may be another buyer's.
const remembered = arrivedAs === undefined ? recalled : { sentAt: recalled.sentAt }
const cameBack = takeReturn()
const orderPage = cameBack && orderPageAfter(cameBack, { sale: settings.sale.id, order: remembered.order })
if (orderPage !== undefined) location.replace(orderPage)
let model = beginWith(settings.sale, remembered, {
  isKnown: settings.isKnown === true && arrivedAs === undefined,
  // Whoever only wants no more mails, or comes from the bank, did not come to join.
  joinsByClick: takeFromOrder() || stopToken !== undefined || orderPage !== undefined || undefined,
  stopToken,
  cameBack,
  shop: shopOf({ hasShop: settings.sale.hasShop, isFramed, sentAt: recalled.sentAt, now: serverNow() }),
})
const waker = new EventTarget()

const dispatch = (pageEvent: PageEvent): void => {
  model = reduce(model, pageEvent)
  memory.keep(model)
  run(jobsOf(model))
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
  returnUrl: returnIn(location.search),
  goTo: (url: string) => {
    try {
      const whole = isFramed ? (window.top ?? window) : window
      whole.location.replace(url)
    } catch {
      // The frame may not leave by itself: the link remains.
    }
  },
  identity,
}
const run = createJobRunner<Job>(
  (job, signal) => doJob(job, context, signal),
  (error) => showTrouble(error, texts),
)

const showView = createScreenView({
  root: byId('stage'),
  banner: byId('banner'),
  saleName: settings.sale.name,
  texts,
  actions: {
    fill: (draft) => dispatch({ kind: 'fill', draft }),
    claim: (campaign) => dispatch({ kind: 'claim', campaign }),
    buy: (draft) => dispatch({ kind: 'buy', draft, key: randomId() }),
    chooseAgain: () => dispatch({ kind: 'choose-again' }),
    rejoin: () => dispatch({ kind: 'rejoin' }),
    signInUrl: settings.sale.signInUrl,
    paysElsewhere: settings.paysElsewhere,
    tryNow: () => waker.dispatchEvent(new Event('wake')),
    askMoreTime: () => dispatch({ kind: 'ask-more-time' }),
    goToShop: () => dispatch({ kind: 'go-to-shop', at: serverNow() }),
    stayHere: () => dispatch({ kind: 'stay-here' }),
    leave: () => void leave(),
    cancelOrder: () => dispatch({ kind: 'cancel-order' }),
    remind: (email) => dispatch({ kind: 'remind', email }),
  },
})
const announce = createAnnouncer(byId('announcer'), texts)
const inbox = createInbox({ notifierUrl: settings.notifierUrl, texts })
byId('stage').before(inbox.element)

const show = () => {
  const view = viewOf(model, serverNow())
  showView(view)
  announce(view)
  // A buyer without an order in this sale has no messages about one.
  if (model.order !== undefined)
    inbox.follow(
      model.admission ?? model.reader,
      `${model.order.id} ${'version' in model.order ? model.order.version : 0}`,
    )
}

const leave = createLeave(context)

let hiddenAt: number | undefined
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') {
    hiddenAt = Date.now()
    return
  }
  // The phone slept, or the tab was in the background: poll at once.
  if (hiddenAt !== undefined && Date.now() - hiddenAt > LONG_AWAY_MS) dispatch({ kind: 'woke', at: serverNow() })
  waker.dispatchEvent(new Event('wake'))
})
// The shop sent its buyer to the page that is already open.
addEventListener('hashchange', reloadForIdentity)
addEventListener('online', () => waker.dispatchEvent(new Event('wake')))
setInterval(show, SECOND / 2)

const kept = tryStorage(settings.cookies ?? { secure: location.protocol === 'https:', framed: false })
const promise = document.getElementById('promise')
if (promise !== null) setText(promise, promiseText(kept, texts))
const warnings = warningTexts(kept, { isEncrypted: isSecureContext, texts })
if (warnings.length > 0) {
  const box = document.getElementById('warnings') ?? h('div', { class: 'banner', role: 'note' })
  if (!box.isConnected) byId('stage').before(box)
  box.replaceChildren(...warnings.map((warning) => h('p', {}, warning)))
  box.hidden = false
}

memory.keep(model)
run(jobsOf(model))
show()
