#!lua flags=allow-oom
-- Reports a consumer of a group as alive, and decides which partitions it owns: its fair share, every n-th partition
-- for n living consumers. A partition changes its owner only after the owner released it or its lease ended.
--
-- KEYS[1] members of the group (sorted set: consumer -> last seen, ms)
-- KEYS[2i] lease of partition i (hash: owner, fence, until)    KEYS[2i+1] its offsets (hash: group -> id)
-- ARGV[1] group    ARGV[2] consumer    ARGV[3] length of a lease, ms; also how long a silent member counts
-- Returns per partition {state, fence, offset}: state 0 = not owned, 1 = owned, 2 = owned, but to be released.
-- The fence is a number that grows with each change of owner; the offset is the last id the group acknowledged.
local group, consumer, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('ZADD', KEYS[1], now, consumer)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - leaseMs)
redis.call('PEXPIRE', KEYS[1], leaseMs * 10)
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(members)
local rank = 0
for m, member in ipairs(members) do
  if member == consumer then rank = m - 1 end
end

local result = {}
for i = 1, (#KEYS - 1) / 2 do
  local lease, offsets = KEYS[2 * i], KEYS[2 * i + 1]
  redis.call('HSETNX', offsets, group, '0-0')
  local held = redis.call('HMGET', lease, 'owner', 'fence', 'until')
  local owner, fence, untilMs = held[1], tonumber(held[2] or 0), tonumber(held[3] or 0)
  local inShare = (i - 1) % #members == rank
  local state = 0
  if owner == consumer then
    state = inShare and 1 or 2
  elseif inShare and (not owner or untilMs <= now) then
    -- The clock keeps the fence growing even when Redis lost the lease, or restored an older state of it after a crash.
    -- In microseconds: two owners may follow one another within a millisecond.
    state, fence = 1, math.max(fence + 1, time[1] * 1000000 + time[2])
  end
  if state > 0 then
    redis.call('HSET', lease, 'owner', consumer, 'fence', string.format('%.0f', fence), 'until', string.format('%.0f', now + leaseMs))
  end
  result[i] = { state, string.format('%.0f', fence), redis.call('HGET', offsets, group) }
end
return result
