-- Included by the tick. Every deadline is an absolute time of Redis' clock. When that clock is set back (a failover to
-- a host with another one), each deadline restarts with at most its full length, so that nothing is prolonged.
-- The constants: how far the clock must be set back, the longest configurable recovery, the maximum members corrected
-- in one call.
local CLOCK = { BACK = 1000, RECOVERY_MAX = 600000, MEMBERS_MAX = 50000 }

local function shortenTo(key, latest)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. latest, '+inf', 'LIMIT', 0, CLOCK.MEMBERS_MAX)) do
    redis.call('ZADD', key, 'XX', string.format('%.0f', latest), member)
  end
end

-- The event of an order ends the slot that it holds, so only slots that last as long as their admissions change.
local function shortenSlots(active, slots, now)
  local late = redis.call('ZRANGEBYSCORE', active, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, CLOCK.MEMBERS_MAX)
  for index = 1, #late, 2 do
    local begun, own = string.match(redis.call('HGET', slots, late[index]) or '', '^%S+ %S+ (%S+) (%S+)')
    local length = begun and tonumber(begun) > now and own == late[index + 1] and tonumber(own) - tonumber(begun)
    if length then redis.call('ZADD', active, 'XX', 'LT', string.format('%.0f', now + length), late[index]) end
  end
end

-- Returns until when the sale recovers.
local function shortenDeadlines(keys, now, h)
  local recovering = math.min(tonumber(h.recoveringUntil) or 0, now + (tonumber(h.recoveryMs) or CLOCK.RECOVERY_MAX))
  redis.call('HSET', keys.sale, 'recoveringUntil', string.format('%.0f', recovering))
  -- Lapsed presence can no longer be told from current presence. All buyers report again before anybody is judged.
  redis.call('UNLINK', keys.presentUntil)
  shortenTo(keys.keptUntil, now + (tonumber(h.returnMs) or 0))
  shortenTo(keys.unclaimed, now + (tonumber(h.claimMs) or 0))
  shortenSlots(keys.active, keys.slots, now)
  return recovering
end
