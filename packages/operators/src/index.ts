export { readAudit } from './audit-store.ts'
export { createOperators, type Operators } from './create-operators.ts'
export { createOperatorRetention } from './delete-old.ts'
export { createToken, listTokens, revokeToken, TOKENS_MAX } from './token-store.ts'
