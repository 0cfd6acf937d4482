import type { OwnToken, Role } from '@floodgate/contracts'
import { setText } from '../shared/dom.ts'

/** Attributes of an element that only operators and admins can use; the style sheet hides it from viewers. */
export const NEEDS_OPERATOR = { 'data-needs': 'operator' } as const
/** Attributes of an element that only admins can use. */
export const NEEDS_ADMIN = { 'data-needs': 'admin' } as const

const ABILITIES: Readonly<Record<Role, string>> = {
  viewer: 'viewer: reads only',
  operator: 'operator: runs sales and repairs',
  admin: 'admin: everything',
}

/** Returns the sentence that names who is signed in, and until when the token is valid. */
export function signedInText({ name, role, expiresAt }: OwnToken): string {
  const until = expiresAt === null ? '' : ` The token expires on ${new Date(expiresAt).toLocaleDateString('en-GB')}.`
  return `Signed in as ${name} (${ABILITIES[role]}).${until}`
}

/** Shows who is signed in, and hides what the role may not do. The apps enforce roles, whatever a page shows. */
export function showRole(root: HTMLElement, place: HTMLElement, me: OwnToken): void {
  root.dataset.role = me.role
  setText(place, signedInText(me))
}
