import { defineBench } from '../bench.ts'
import { alternate } from './alternate.ts'
import { reportGate } from './report-gate.ts'
import { prepareHandlers } from './serve-unprotected.ts'
import { prepareVerifiers } from './verify-tokens.ts'

/** Measures what the connector costs a shop: verifying a pass, and letting other requests through. */
export const gateBench = defineBench({
  name: 'gate',
  about: "the connector's verification beside jose and node:crypto, and what the gate adds to an unprotected path",
  group: 'compare',
  needs: [],
  options: {
    rounds: { about: 'rounds', default: 40, small: 3 },
    tokens: { about: 'tokens that each way verifies in a round', default: 250, small: 20 },
    requests: { about: 'requests that each handler gets in a round', default: 20_000, small: 200 },
  },
  startsSystem: () => false,
  run: async ({ values, progress, signal }) => {
    const { rounds, tokens, requests } = values
    // One more round for the warm-up.
    const count = tokens * (rounds + 1)
    progress(`signing ${count} tokens`)
    const verifiers = await prepareVerifiers(count)
    progress('verifying')
    const verification = await alternate(verifiers, { rounds, times: tokens, signal })
    progress('serving an unprotected path')
    const unprotected = await alternate(prepareHandlers(), { rounds, times: requests, signal })
    return reportGate({ verification, unprotected, tokens: count, rounds })
  },
})
