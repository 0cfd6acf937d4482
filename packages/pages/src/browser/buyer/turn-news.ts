import type { TicketStatus } from '@floodgate/contracts'
import type { Model } from './model.ts'

type Admitted = Extract<TicketStatus, { state: 'admitted' }>

/**
 * Updates the turn. Its end never moves closer: a response with an earlier end comes from a process that does not know
 * the extension.
 */
export function onAdmitted(model: Model, { admission, expiresAt, extensions }: Admitted): Model {
  const { line } = model
  const known = line.kind === 'admitted' && isSameTurn(line.admission, admission) ? line : undefined
  if (known !== undefined && known.expiresAt > expiresAt) return model
  return {
    ...model,
    line: { kind: 'admitted', admission, expiresAt, extensions: extensions ?? known?.extensions },
    admission,
    moreTime: known === undefined ? { kind: 'none' } : model.moreTime,
  }
}

/** Tells whether two admissions belong to one turn, which gets a new one with each extension. */
export function isSameTurn(one: string, other: string): boolean {
  return one === other || (slotOf(one) !== undefined && slotOf(one) === slotOf(other))
}

/** Returns the slot of an admission, which identifies a turn; undefined for an invalid one. */
function slotOf(admission: string): string | undefined {
  try {
    const claims = atob((admission.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const { jti } = JSON.parse(claims) as { jti?: unknown }
    return typeof jti === 'string' ? jti : undefined
  } catch {
    return undefined
  }
}

export function askMoreTime(model: Model): Model {
  if (model.line.kind !== 'admitted') return model
  return { ...model, moreTime: { kind: 'asked', number: (model.line.extensions?.taken ?? 0) + 1 } }
}

export function givenMoreTime(model: Model): Model {
  return model.line.kind === 'admitted' ? { ...model, moreTime: { kind: 'given' } } : model
}
