import { type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { type InboxNotice, type InboxPage, type InboxRead, notifierRoutes, orderNumber } from '@floodgate/contracts'
import { type EnforcedLimit, handle, NO_STORE, type Route, textsFor } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Texts } from '@floodgate/texts'
import type { Pool } from 'pg'
import { orUnavailable } from '../unavailable.ts'
import { countUnread, type InboxOwner, markRead, readNotices, type StoredNotice } from './inbox-store.ts'

/** How long after an admission expired its buyer can still read, as with orders. */
const ACCEPT_EXPIRED_FOR_SECONDS = 24 * 60 * 60
const RETRY_AFTER_SECONDS = 2

export interface InboxRouteDeps {
  readonly pool: Pool
  readonly verifier: AdmissionVerifier
  readonly limit: EnforcedLimit
}

/** Writes a notice in a language. */
function inWords({ at, readAt, withVoucher, ...notice }: StoredNotice, { mails }: Texts): InboxNotice {
  const { heading, opening } = mails.occasions[notice.kind]
  return {
    ...notice,
    number: orderNumber(notice.order),
    title: heading,
    text: opening({ free: notice.totalMinor === 0, withVoucher }),
    at: at.toISOString(),
    readAt: readAt?.toISOString() ?? null,
  }
}

/** Serves the inbox to its buyer, with an admission that is valid or expired less than 24 h ago, and to the shop. */
export function inboxRoutes({ pool, verifier, limit }: InboxRouteDeps): readonly Route[] {
  async function ownerOf(authorization: string | undefined): Promise<InboxOwner> {
    const judged = await judgeAdmission(verifier, authorization, {
      acceptExpiredForSeconds: ACCEPT_EXPIRED_FOR_SECONDS,
    })
    if (judged.kind === 'admitted') return { buyer: judged.admission.buyer, sale: judged.admission.sale }
    if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
  }

  async function pageOf(
    owner: InboxOwner,
    { query, texts }: { readonly query: { after?: string | undefined; limit: number }; readonly texts: Texts },
  ): Promise<InboxPage> {
    const [{ notices, next }, unread] = await orUnavailable(
      Promise.all([readNotices(pool, owner, query), countUnread(pool, owner)]),
    )
    return { notices: notices.map((notice) => inWords(notice, texts)), unread, next }
  }

  async function mark(owner: InboxOwner, which: InboxRead): Promise<{ unread: number }> {
    await orUnavailable(markRead(pool, owner, which))
    return { unread: await orUnavailable(countUnread(pool, owner)) }
  }

  function headersIn({ language }: Texts): Record<string, string> {
    return { ...NO_STORE, 'content-language': language }
  }

  return [
    handle(notifierRoutes.readInbox, async function readOwnInbox({ query, headers, client }, reply) {
      limit.take(client)
      const texts = textsFor(headers['accept-language'])
      return reply(200, await pageOf(await ownerOf(headers.authorization), { query, texts }), headersIn(texts))
    }),
    handle(notifierRoutes.markInbox, async function markOwnInbox(request, reply) {
      limit.take(request.client)
      const owner = await ownerOf(request.headers.authorization)
      return reply(200, await mark(owner, await request.body()), NO_STORE)
    }),
    handle(notifierRoutes.readBuyerInbox, async function readInboxOfBuyer({ params, query, headers }, reply) {
      const texts = textsFor(headers['accept-language'])
      return reply(200, await pageOf({ buyer: params.buyer }, { query, texts }), headersIn(texts))
    }),
    handle(notifierRoutes.markBuyerInbox, async function markInboxOfBuyer(request, reply) {
      return reply(200, await mark({ buyer: request.params.buyer }, await request.body()), NO_STORE)
    }),
  ]
}
