export { createAppClient } from './apps.ts'
export { commandDocument } from './document.ts'
export { type Apps, findApps } from './settings.ts'
export { COMMANDS } from './table.ts'
