import { type Memory, type Model, memoryOf } from './model.ts'

/**
 * Stores what this tab remembers across a reload. Session storage, not local: another tab asks the server, which knows
 * the buyer by the cookie, and nothing outlives the visit.
 */
export function openMemory(sale: string) {
  const name = `floodgate:${sale}`
  let kept = ''
  return {
    recall: (): Memory => {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? '{}') as Memory
      } catch {
        return {} // Storage is disabled or damaged: the page works, but forgets at a reload.
      }
    },
    keep: (model: Model): void => {
      const memory = JSON.stringify(memoryOf(model))
      if (memory === kept) return
      kept = memory
      try {
        sessionStorage.setItem(name, memory)
      } catch {
        // As above.
      }
    },
  }
}
