import { type ConnectionCheck, failed } from '@floodgate/runtime'
import { HOW_TO_CREATE, readKeyFile, reasonOf } from './key-file.ts'

/** Returns the check of the file of the signing keys. */
export function keyFileCheck(path: string): ConnectionCheck {
  return {
    name: 'signing keys',
    setting: 'FLOODGATE_KEYS',
    async run() {
      try {
        const keys = await readKeyFile(path)
        return { kind: 'ok', detail: `${keys.publicJwks.keys.length} keys` }
      } catch (error) {
        return failed(`the file cannot be used: ${reasonOf(error)}`, `Create one with: ${HOW_TO_CREATE} ${path}`)
      }
    },
  }
}
