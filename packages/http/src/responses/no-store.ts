/** Headers of a response that caches must not store. */
export const NO_STORE = { 'cache-control': 'no-store' } as const
