import { createGate } from '../delivery/gate.ts'
import type { SubscribeOptions, Subscription } from '../port.ts'
import type { Member } from './replay.ts'

/** The groups in which a process consumes, for replays. */
export interface Members {
  of(group: string): Member | undefined
  /**
   * Registers a member at its subscription: even before it has joined the group, its handler can process replayed
   * events.
   */
  begin(options: SubscribeOptions): Member
  /** Unregisters it when the subscription stops. */
  until<Joined extends Subscription>(subscription: Joined, member: Member): Joined
}

export function createMembers(): Members {
  const members = new Map<string, Member>()
  return {
    of: (group) => members.get(group),
    begin(options) {
      const member = { options, gate: createGate() }
      members.set(options.group, member)
      return member
    },
    until(subscription, member) {
      const { stop } = subscription
      return Object.assign(subscription, {
        stop: () => {
          if (members.get(member.options.group) === member) members.delete(member.options.group)
          return stop()
        },
      })
    },
  }
}
