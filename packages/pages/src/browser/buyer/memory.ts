import { type Memory, type Model, memoryOf } from './model.ts'

/**
 * What this tab remembers over a reload. Session storage, not local: another tab asks the server, which knows the
 * buyer by the cookie, and nothing of it outlives the visit.
 */
export function openMemory(sale: string) {
  const name = `floodgate:${sale}`
  let kept = ''
  return {
    recall: (): Memory => {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? '{}') as Memory
      } catch {
        return {} // Storage that is switched off or damaged: the page works, but forgets at a reload.
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
