import type { IdentityRevocation, IdentityRevocationRequest } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import { fieldOf, formOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'
import { NEEDS_OPERATOR } from './role.ts'
import { timeField } from './time-field.ts'

/** Maximum number of listed revocations, newest first. */
const LISTED_MAX = 100

const requestOf = (kind: string, value: string) => (kind === 'jti' ? { jti: value } : { subject: value })

/** Builds the panel that revokes accounts and ID tokens of the shop, and lists those in force. */
export function revocationsPanel(operator: Operator): HTMLElement {
  const status = h('p', { role: 'status' })
  const list = h('ul', { class: 'plain' })
  const until = timeField({ name: 'until', label: 'Until', at: null })

  async function send(request: IdentityRevocationRequest, done: string): Promise<void> {
    const complaint = complaintOf(await operator.revoke(request))
    setText(status, complaint ?? done)
    await show()
  }
  const end = ({ issuer, subject, jti, until: end }: IdentityRevocation) =>
    send(
      {
        ...{ issuer, force: true, until: new Date(Math.min(Date.now(), Date.parse(end)) - 1_000).toISOString() },
        ...(subject === undefined ? { jti } : { subject }),
      },
      'The revocation has ended.',
    )
  // An erased buyer's account has no subject any more, which a request needs.
  const nameOf = ({ jti, subject, buyer }: IdentityRevocation) =>
    jti === undefined ? `Account ${subject ?? `of the erased buyer ${buyer}`}` : `ID token ${jti}`
  const item = (each: IdentityRevocation) =>
    h(
      'li',
      {},
      `${nameOf(each)} of ${each.issuer}, until ${each.until} `,
      ...(each.jti === undefined && each.subject === undefined
        ? []
        : [h('button', { type: 'button', class: 'quiet', ...NEEDS_OPERATOR, onclick: () => void end(each) }, 'End')]),
    )
  async function show(): Promise<void> {
    const reply = await operator.revocations(LISTED_MAX)
    if (reply.kind !== 'success') return
    const { revocations, next } = reply.body
    list.replaceChildren(
      ...revocations.map(item),
      ...(revocations.length === 0 ? [h('li', {}, 'Nobody is revoked.')] : []),
      ...(next === null ? [] : [h('li', {}, `Only the newest ${LISTED_MAX} are listed.`)]),
    )
  }
  void show()
  const form = formOf({
    fields: [
      fieldOf({ name: 'issuer', label: 'Issuer (iss)', value: '' }),
      h(
        'label',
        { class: 'field' },
        'What to revoke',
        h(
          'select',
          { name: 'kind' },
          h('option', { value: 'subject' }, 'An account (sub)'),
          h('option', { value: 'jti' }, 'One ID token (jti)'),
        ),
      ),
      fieldOf({ name: 'value', label: 'Its sub or jti', value: '' }),
      until.element,
    ],
    submit: 'Revoke',
    onSubmit: (value) => {
      const at = until.read()
      if (at === null) return setText(status, 'Enter when the revocation ends.')
      return void send({ issuer: value('issuer'), until: at, ...requestOf(value('kind'), value('value')) }, 'Revoked.')
    },
  })
  return h('section', { class: 'card' }, h('h2', {}, 'Revoked accounts'), h('div', NEEDS_OPERATOR, form), status, list)
}
