import { byId, h, pageSettings } from '../shared/dom.ts'
import { loadTexts } from '../shared/texts.ts'
import { watchForTrouble } from '../shared/trouble.ts'
import { createConsole } from './console.ts'
import { fieldOf, formOf, type LanguageName } from './forms.ts'
import { type ConsoleUrls, createOperator } from './operator.ts'
import { forgetToken, keepToken, takeToken } from './token.ts'

watchForTrouble(await loadTexts())

const { languages = [], ...urls } = pageSettings<ConsoleUrls & { readonly languages?: readonly LanguageName[] }>()
const root = byId('stage')
/** What a header carries (RFC 6750 §2.1, and whatever else ADMIN_TOKEN may have). */
const SENDABLE = /^[\x21-\x7e]+$/

const askForToken = (complaint: string | undefined): void => {
  const form = formOf({
    fields: [fieldOf({ name: 'token', label: 'Operator token', value: '' })],
    submit: 'Enter',
    onSubmit: (value) => {
      const token = value('token').trim()
      keepToken(token)
      enter(token)
    },
  })
  const field = form.querySelector('input')
  field?.setAttribute('type', 'password')
  root.replaceChildren(
    h(
      'section',
      { class: 'screen' },
      h('h1', {}, 'Sign in'),
      h(
        'p',
        {},
        'Enter your own token, which an admin gave you. The first one is in the setting ADMIN_TOKEN, and in the console’s address that the start printed.',
      ),
      complaint === undefined ? null : h('p', { class: 'alert', role: 'alert' }, complaint),
      form,
    ),
  )
  field?.focus()
}

const rejectToken = (): void => {
  forgetToken()
  askForToken('That token is not accepted: mistyped, expired or revoked.')
}

const enter = (token: string): void => {
  // A browser cannot send it, which would look like a server that does not respond.
  if (!SENDABLE.test(token)) {
    rejectToken()
    return
  }
  createConsole({
    root,
    operator: createOperator(urls, token),
    languages,
    onTokenRejected: rejectToken,
  })
}

const token = takeToken()
if (token === undefined) askForToken(undefined)
else enter(token)
