export * from './assets.ts'
export * from './content-security.ts'
export * from './documents.ts'
