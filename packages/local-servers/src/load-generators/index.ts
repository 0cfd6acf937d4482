export { findK6, installK6 } from './k6.ts'
export { findWrk, installWrk } from './wrk.ts'
