import type { Problem } from '../shared/problem.ts'
import type { Checkout, Model } from './model.ts'

type Placing = Extract<Checkout, { kind: 'placing' }>

const PASSES_MAX = 2

const asked = (model: Model, { draft }: Placing, problem?: Problem): Model => ({
  ...model,
  checkout: { kind: 'choosing', draft, ...(problem === undefined ? {} : { problem }) },
})

/**
 * Updates the page after the order core rejected the admission. Only the line knows whether the turn lasts, so the page
 * asks it: an extended turn has another admission, and the order core learns a new key some seconds later. An order
 * that is rejected again returns to the buyer, who may press again.
 */
export function onAdmissionRejected(model: Model, problem: Problem, pass: string | undefined): Model {
  const { checkout, admission } = model
  if (checkout.kind !== 'placing') return model
  const times = (checkout.rejectedAdmission?.times ?? 0) + 1
  if (times === PASSES_MAX) return asked(model, checkout, problem)
  return {
    ...model,
    checkout: { ...checkout, trouble: 'none', rejectedAdmission: { admission: pass ?? admission, problem, times } },
  }
}

/**
 * Updates the page after the line's response about a turn whose admission was rejected. `told` is the change by that
 * response alone.
 */
export function onAdmissionChecked(model: Model, told: (before: Model) => Model, at: number): Model {
  const { checkout } = model
  if (checkout.kind !== 'placing' || checkout.rejectedAdmission === undefined) return model
  const { rejectedAdmission } = checkout
  const known = told(asked(model, checkout))
  if (known.line.kind !== 'admitted') return known
  if (Date.parse(known.line.expiresAt) <= at) return { ...known, line: { kind: 'expired' }, search: 'wanted' }
  const isSame = known.line.admission === rejectedAdmission.admission
  // The same admission stays expired.
  if (isSame && rejectedAdmission.problem.code === 'admission-expired')
    return asked(known, checkout, rejectedAdmission.problem)
  return {
    ...known,
    checkout: { ...checkout, rejectedAdmission: { ...rejectedAdmission, repeat: isSame ? 'later' : 'now' } },
  }
}
