import { floodgate } from '@floodgate/admission/next'
import { gate } from './gate.js'

// All paths below /checkout are behind the line. The rest of the shop is public.
export const proxy = floodgate(gate)
export const config = { matcher: '/checkout/:path*' }
